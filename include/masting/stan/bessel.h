/* masting/stan/bessel.h -- Bessel functions, on doubles; special.h makes lanes of them. Included by
 * special.h alone.
 */
#ifndef MASTING_STAN_BESSEL_H
#define MASTING_STAN_BESSEL_H

#define MASTING_MOST_ORDER_ 1000000 /* recurrences go through all orders */

typedef struct masting_bessel_i_ {
  double log, dz, dv; /* log I_v(z) and its derivatives by z and v */
} masting_bessel_i_;

/* The power series (DLMF 10.25.2), all of whose terms are positive; z <= 600. */
static inline masting_bessel_i_ d_bessel_i_series_(double v, double z) {
  double square = 0.25 * z * z, term = 1, sum = 1, by_k = 0, by_h = 0, h = 0;
  for (double k = 1; k < 2000; k++) {
    term *= square / (k * (v + k));
    h += 1.0 / (v + k);
    sum += term;
    by_k += term * k;
    by_h += term * h;
    if (term * (k + h) < 1e-17 * sum && k > 0.5 * z) break;
  }
  double front = v == 0 ? 0 : v * d_log(0.5 * z) - d_lgamma(v + 1.0);
  return (masting_bessel_i_){front + d_log(sum), (v + 2.0 * (by_k / sum)) / z,
                             d_log(0.5 * z) - d_digamma(v + 1.0) - by_h / sum};
}

/* Hankel's expansion for large z (DLMF 10.40.1). */
static inline masting_bessel_i_ d_bessel_i_hankel_(double v, double z) {
  double term = 1, term_dv = 0, sum = 1, sum_dv = 0, sum_dz = 0;
  for (double k = 1; k < 200; k++) {
    double odd = 2.0 * k - 1.0, ratio = -(4.0 * v * v - odd * odd) / (8.0 * k * z);
    term_dv = term_dv * ratio - term * (v / (k * z));
    term *= ratio;
    sum += term;
    sum_dv += term_dv;
    sum_dz -= k * term / z;
    if (d_abs(term) < 1e-18 && d_abs(term_dv) < 1e-18) break;
    if (k > v && d_abs(ratio) > 1) break;
  }
  return (masting_bessel_i_){z - 0.5 * d_log(6.28318530717958647693 * z) + d_log(sum),
                             1.0 - 0.5 / z + sum_dz / sum, sum_dv / sum};
}

/* Debye's expansion for large v, uniform in z (DLMF 10.41.3, 10.41.9, 10.41.10): u_k(p) = p^k sum
 * of c[k][j] p^2j, p = v / w, w = sqrt(v^2 + z^2). */
static inline masting_bessel_i_ d_bessel_i_debye_(double v, double z) {
  static const double c[9][9] = {
      {1.0},
      {0.125, -0.20833333333333333},
      {0.0703125, -0.40104166666666667, 0.33420138888888889},
      {0.0732421875, -0.8912109375, 1.8464626736111111, -1.0258125964506173},
      {0.112152099609375, -2.3640869140625, 8.78912353515625, -11.207002616222994,
       4.6695844234262474},
      {0.22710800170898438, -7.3687943594796317, 42.534998745388455, -91.818241543240017,
       84.636217674600735, -28.212072558200245},
      {0.57250142097473145, -26.491430486951556, 218.19051174421159, -699.57962737613254,
       1059.9904525279999, -765.25246814118164, 212.57013003921712},
      {1.7277275025844574, -108.09091978839466, 1200.9029132163525, -5305.6469786134031,
       11655.393336864533, -13586.550006434137, 8061.7221817373094, -1919.457662318407},
      {6.074042001273483, -493.91530477308801, 7109.5143024893637, -41192.654968897551,
       122200.46498301746, -203400.17728041553, 192547.00123253153, -96980.598388637513,
       20204.291330966149}};
  double w = d_hypot(v, z), p = v / w, q = z / w, r = 1.0 / w;
  double sum = 0, sum_dz = 0, sum_dv = 0, power = 1;
  for (int k = 0; k < 9; k++, power *= r) {
    double term = power;
    for (int j = 0; j <= k; j++, term *= p * p) {
      sum += c[k][j] * term;
      sum_dz -= c[k][j] * term * (k + 2 * j) * q * r;
      sum_dv += c[k][j] * term * (2 * j * q * q / v - k * p * r);
    }
  }
  double log_ratio = d_log(z / (v + w));
  return (masting_bessel_i_){
      w + v * log_ratio - 0.5 * d_log(6.28318530717958647693 * w) + d_log(sum),
      w / z - 0.5 * q * r + sum_dz / sum, log_ratio - 0.5 * p * r + sum_dv / sum};
}

MASTING_FAR_ masting_bessel_i_ d_bessel_i_(double v, double z) {
  if (!(v >= 0) || !(z >= 0)) return (masting_bessel_i_){NAN, NAN, NAN};
  if (v == INFINITY) return (masting_bessel_i_){z == INFINITY ? NAN : -INFINITY, NAN, NAN};
  if (z == INFINITY) return (masting_bessel_i_){INFINITY, 1, 0};
  if (z == 0)
    return (masting_bessel_i_){v == 0 ? 0.0 : -INFINITY, v == 0 ? 0.0 : INFINITY, -INFINITY};
  if (v > 50) return d_bessel_i_debye_(v, z);
  double large = 0.5 * v * v < 30 ? 30 : 0.5 * v * v > 600 ? 600 : 0.5 * v * v;
  return z > large ? d_bessel_i_hankel_(v, z) : d_bessel_i_series_(v, z);
}

/* log I_v(z), v, z >= 0, and its derivatives: 1e-14 of the larger of 1 and |value|. */
static inline double d_log_modified_bessel_first_kind(double v, double z) {
  return d_bessel_i_(v, z).log;
}
static inline double d_log_modified_bessel_first_kind_dz(double v, double z) {
  return d_bessel_i_(v, z).dz;
}
static inline double d_log_modified_bessel_first_kind_dv(double v, double z) {
  return d_bessel_i_(v, z).dv;
}

/* I_n(z), any integer n, any z: 2e-13 relative. I_n' = I_(n+1) + n I_n / z. */
MASTING_FAR_ double d_modified_bessel_first_kind(int n, double z) {
  double size = d_abs((double)n), value = d_exp(d_bessel_i_(size, d_abs(z)).log);
  return z < 0 && n % 2 != 0 ? -value : value;
}

/* K_n(z), z >= 0: 1e-14 relative. K_0 and K_1 for z < 1 by DLMF 10.31.2
 * and the Wronskian 10.28.2, else by the trapezoidal rule on DLMF 10.32.9, which converges
 * exponentially; then the recurrence 10.29.1, stable upwards. K_n' = -K_(n-1) - n K_n / z. */
MASTING_FAR_ double d_modified_bessel_second_kind(int n, double z) {
  if (n > MASTING_MOST_ORDER_ || n < -MASTING_MOST_ORDER_) return NAN;
  if (!(z >= 0)) return NAN;
  if (z == 0) return INFINITY;
  if (z == INFINITY) return 0;
  double k0, k1, half = 1; /* half^2 is what k0 and k1 still lack: e^-z */
  if (z < 1) {
    double square = 0.25 * z * z, term = 1, i0 = 1, i1 = 1, rest = 0, h = 0;
    for (double k = 1; k < 20; k++) {
      h += 1.0 / k;
      term *= square / (k * k);
      i0 += term;
      i1 += term / (k + 1.0);
      rest += term * h;
    }
    k0 = rest - (d_log(0.5 * z) + 0.57721566490153286061) * i0;
    k1 = (1.0 / z - 0.5 * z * i1 * k0) / i0;
  } else {
    double step = z < 25 ? 0.125 : 0.625 / d_sqrt(z);
    k0 = k1 = 0.5;
    for (double t = step;; t += step) {
      double s = d_sinh(0.5 * t), term = d_exp(-2.0 * z * s * s);
      k0 += term;
      k1 += term * (1.0 + 2.0 * s * s);
      if (!(term > 1e-19)) break;
    }
    k0 *= step;
    k1 *= step;
    half = d_exp(-0.5 * z);
  }
  n = n < 0 ? -n : n;
  if (n == 0) return k0 * half * half;
  for (int k = 1; k < n && k1 < INFINITY; k++) {
    double next = k0 + 2.0 * k / z * k1;
    k0 = k1;
    k1 = next;
  }
  return k1 * half * half;
}

/* J_0, J_1, Y_0, Y_1 for z >= 25: Hankel's expansions (DLMF 10.17.3, 10.17.4). */
static inline void d_bessel_hankel_(double z, double j[2], double y[2]) {
  double front = d_sqrt(0.63661977236758134308 / z), sine = d_sin(z), cosine = d_cos(z);
  for (int v = 0; v < 2; v++) {
    double even = 1, odd = 0, term = 1;
    for (int k = 1; k < 40 && d_abs(term) > 1e-18; k++) {
      double o = 2 * k - 1;
      term *= (4 * v - o * o) / (8.0 * k * z);
      if (k % 2 == 1)
        odd += k % 4 == 1 ? term : -term;
      else
        even += k % 4 == 0 ? term : -term;
    }
    /* cos and sin of z - v pi/2 - pi/4, times sqrt 2 */
    double c = v == 0 ? cosine + sine : sine - cosine;
    double s = v == 0 ? sine - cosine : -(sine + cosine);
    j[v] = front * 0.70710678118654752440 * (c * even - s * odd);
    y[v] = front * 0.70710678118654752440 * (s * even + c * odd);
  }
}

typedef struct masting_bessel_j_ {
  double jn, j0, j1, y0, y1;
} masting_bessel_j_;

/* Miller's backward recurrence, normalised by 1 = J_0 + 2 (J_2 + J_4 + ...) (DLMF 3.6(v),
 * 10.12.4), and Neumann's series for Y_0 (A&S 9.1.89), Y_1 = -Y_0'. z > 0; for the Ys z < 25. */
static inline masting_bessel_j_ d_bessel_miller_(int n, double z) {
  if (z < 1e-8) { /* the leading terms; factors 1/z would overflow below */
    double l = d_log(0.5 * z) + 0.57721566490153286061;
    double jn = n == 0 ? 1 : d_exp(n * d_log(0.5 * z) - d_lgamma(n + 1.0));
    return (masting_bessel_j_){jn, 1, 0.5 * z, 0.63661977236758134308 * l,
                               -0.63661977236758134308 / z};
  }
  double most = n > z ? n : z;
  int start = 2 * (int)(0.5 * (most + 30.0 + d_sqrt(160.0 * most)));
  double above = 0, here = 1e-300, sum = 0, jn = 0, sum0 = 0, sum1 = 0;
  for (int k = start; k > 0; k--) { /* here is J_k, above J_(k+1), up to a factor */
    double below = 2.0 * k / z * here - above;
    if (k == n) jn = here;
    if (k % 2 == 0) {
      double sign = k % 4 == 0 ? 1 : -1;
      sum += 2.0 * here;
      sum0 += sign * here / (k / 2);
      sum1 += sign * (below - above) / k;
    }
    above = here;
    here = below;
    if (d_abs(here) > 0x1p500) {
      above *= 0x1p-600, here *= 0x1p-600, sum *= 0x1p-600, jn *= 0x1p-600;
      sum0 *= 0x1p-600, sum1 *= 0x1p-600;
    }
  }
  sum += here;
  double j0 = here / sum, j1 = above / sum, l = d_log(0.5 * z) + 0.57721566490153286061;
  return (masting_bessel_j_){n == 0 ? j0 : jn / sum, j0, j1,
                             0.63661977236758134308 * (l * j0 - 2.0 * sum0 / sum),
                             0.63661977236758134308 * (l * j1 - j0 / z + 2.0 * sum1 / sum)};
}

/* J_n(z), any integer n, any z; work grows with the larger of |n| and (where |n| > |z|) |z|. Error
 * 1e-14 of the larger of |J_n| and, where |z| > |n|, the amplitude sqrt(2 / (pi z)). J_n' =
 * J_(n-1) - n J_n / z. */
MASTING_FAR_ double d_bessel_first_kind(int n, double z) {
  if (n > MASTING_MOST_ORDER_ || n < -MASTING_MOST_ORDER_) return NAN;
  if (z != z) return NAN;
  double x = d_abs(z), value;
  int odd = n % 2 != 0, size = n < 0 ? -n : n;
  int negative = odd && ((n < 0) != (z < 0));
  if (x == 0) return size == 0 ? 1 : 0;
  if (x == INFINITY) return 0;
  if (x < 25 || size > x) {
    value = d_bessel_miller_(size, x).jn;
  } else {
    double j[2], y[2];
    d_bessel_hankel_(x, j, y);
    for (int k = 1; k < size; k++) {
      double next = 2.0 * k / x * j[1] - j[0];
      j[0] = j[1];
      j[1] = next;
    }
    value = size == 0 ? j[0] : j[1];
  }
  return negative ? -value : value;
}

/* Y_n(z), z >= 0, as J_n; upward recurrence is stable. Y_n' = Y_(n-1) - n Y_n / z. */
MASTING_FAR_ double d_bessel_second_kind(int n, double z) {
  if (n > MASTING_MOST_ORDER_ || n < -MASTING_MOST_ORDER_) return NAN;
  if (!(z >= 0)) return NAN;
  if (z == 0) return -INFINITY;
  if (z == INFINITY) return 0;
  double j[2], y[2];
  if (z < 25) {
    masting_bessel_j_ low = d_bessel_miller_(0, z);
    y[0] = low.y0, y[1] = low.y1;
  } else {
    d_bessel_hankel_(z, j, y);
  }
  int size = n < 0 ? -n : n;
  for (int k = 1; k < size && y[1] > -INFINITY; k++) {
    double next = 2.0 * k / z * y[1] - y[0];
    y[0] = y[1];
    y[1] = next;
  }
  double value = size == 0 ? y[0] : y[1];
  return n < 0 && n % 2 != 0 ? -value : value;
}

#endif
