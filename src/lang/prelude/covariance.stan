// Covariance functions of Gaussian processes. After the Stan functions reference, chapter "Covariance functions":
// each of points on a line and of vectors, of one set of points (symmetric) and of two, of one length scale and of one for
// each dimension.

// The distance; its slope at 0, where it has none, is 0.
real root__(real s) {
  return s > 0 ? sqrt(s > 0 ? s : 1) : 0;
}
real exp_quad__(real r2) {
  return exp(-0.5 * r2);
}
real exponential__(real r2) {
  return exp(-root__(r2));
}
real matern32__(real r2) {
  real a = 1.73205080756887729353 * root__(r2);
  return (1 + a) * exp(-a);
}
real matern52__(real r2) {
  real a = 2.23606797749978969641 * root__(r2);
  return (1 + a + square(a) / 3) * exp(-a);
}
matrix gp_exp_quad_cov(array[] real x, real sigma, real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * exp_quad__(square((x[i] - x[j]) / l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_exp_quad_cov(array[] vector x, real sigma, real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * exp_quad__(squared_distance(x[i], x[j]) / square(l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_exp_quad_cov(array[] vector x, real sigma, array[] real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * exp_quad__(scaled_squares__(x[i], x[j], l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_exp_quad_cov(array[] real x, array[] real z, real sigma, real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * exp_quad__(square((x[i] - z[j]) / l));
    }
  }
  return K;
}
matrix gp_exp_quad_cov(array[] vector x, array[] vector z, real sigma, real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * exp_quad__(squared_distance(x[i], z[j]) / square(l));
    }
  }
  return K;
}
matrix gp_exp_quad_cov(array[] vector x, array[] vector z, real sigma, array[] real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * exp_quad__(scaled_squares__(x[i], z[j], l));
    }
  }
  return K;
}
matrix gp_exponential_cov(array[] real x, real sigma, real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * exponential__(square((x[i] - x[j]) / l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_exponential_cov(array[] vector x, real sigma, real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * exponential__(squared_distance(x[i], x[j]) / square(l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_exponential_cov(array[] vector x, real sigma, array[] real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * exponential__(scaled_squares__(x[i], x[j], l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_exponential_cov(array[] real x, array[] real z, real sigma, real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * exponential__(square((x[i] - z[j]) / l));
    }
  }
  return K;
}
matrix gp_exponential_cov(array[] vector x, array[] vector z, real sigma, real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * exponential__(squared_distance(x[i], z[j]) / square(l));
    }
  }
  return K;
}
matrix gp_exponential_cov(array[] vector x, array[] vector z, real sigma, array[] real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * exponential__(scaled_squares__(x[i], z[j], l));
    }
  }
  return K;
}
matrix gp_matern32_cov(array[] real x, real sigma, real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * matern32__(square((x[i] - x[j]) / l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_matern32_cov(array[] vector x, real sigma, real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * matern32__(squared_distance(x[i], x[j]) / square(l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_matern32_cov(array[] vector x, real sigma, array[] real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * matern32__(scaled_squares__(x[i], x[j], l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_matern32_cov(array[] real x, array[] real z, real sigma, real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * matern32__(square((x[i] - z[j]) / l));
    }
  }
  return K;
}
matrix gp_matern32_cov(array[] vector x, array[] vector z, real sigma, real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * matern32__(squared_distance(x[i], z[j]) / square(l));
    }
  }
  return K;
}
matrix gp_matern32_cov(array[] vector x, array[] vector z, real sigma, array[] real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * matern32__(scaled_squares__(x[i], z[j], l));
    }
  }
  return K;
}
matrix gp_matern52_cov(array[] real x, real sigma, real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * matern52__(square((x[i] - x[j]) / l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_matern52_cov(array[] vector x, real sigma, real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * matern52__(squared_distance(x[i], x[j]) / square(l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_matern52_cov(array[] vector x, real sigma, array[] real l) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * matern52__(scaled_squares__(x[i], x[j], l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_matern52_cov(array[] real x, array[] real z, real sigma, real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * matern52__(square((x[i] - z[j]) / l));
    }
  }
  return K;
}
matrix gp_matern52_cov(array[] vector x, array[] vector z, real sigma, real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * matern52__(squared_distance(x[i], z[j]) / square(l));
    }
  }
  return K;
}
matrix gp_matern52_cov(array[] vector x, array[] vector z, real sigma, array[] real l) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * matern52__(scaled_squares__(x[i], z[j], l));
    }
  }
  return K;
}
matrix gp_periodic_cov(array[] real x, real sigma, real l, real p) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * exp(-2 * square(sin(3.14159265358979323846 * abs(x[i] - x[j]) / p) / l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_periodic_cov(array[] vector x, real sigma, real l, real p) {
  int N = size(x);
  matrix[N, N] K;
  real v = square(sigma);
  for (i in 1 : N) {
    K[i, i] = v;
    for (j in 1 : i - 1) {
      K[i, j] = v * exp(-2 * square(sin(3.14159265358979323846 * root__(squared_distance(x[i], x[j])) / p) / l));
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_periodic_cov(array[] real x, array[] real z, real sigma, real l, real p) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * exp(-2 * square(sin(3.14159265358979323846 * abs(x[i] - z[j]) / p) / l));
    }
  }
  return K;
}
matrix gp_periodic_cov(array[] vector x, array[] vector z, real sigma, real l, real p) {
  matrix[size(x), size(z)] K;
  real v = square(sigma);
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = v * exp(-2 * square(sin(3.14159265358979323846 * root__(squared_distance(x[i], z[j])) / p) / l));
    }
  }
  return K;
}
matrix gp_dot_prod_cov(array[] real x, real sigma) {
  int N = size(x);
  matrix[N, N] K;
  for (i in 1 : N) {
    for (j in 1 : i) {
      K[i, j] = square(sigma) + x[i] * x[j];
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_dot_prod_cov(array[] real x, array[] real z, real sigma) {
  matrix[size(x), size(z)] K;
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = square(sigma) + x[i] * z[j];
    }
  }
  return K;
}
matrix gp_dot_prod_cov(array[] vector x, real sigma) {
  int N = size(x);
  matrix[N, N] K;
  for (i in 1 : N) {
    for (j in 1 : i) {
      K[i, j] = square(sigma) + dot_product(x[i], x[j]);
      K[j, i] = K[i, j];
    }
  }
  return K;
}
matrix gp_dot_prod_cov(array[] vector x, array[] vector z, real sigma) {
  matrix[size(x), size(z)] K;
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = square(sigma) + dot_product(x[i], z[j]);
    }
  }
  return K;
}
real scaled_squares__(vector x, vector z, array[] real l) {
  real s = 0;
  for (d in 1 : num_elements(x)) {
    s += square((x[d] - z[d]) / l[d]);
  }
  return s;
}
