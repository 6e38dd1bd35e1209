/* masting/stan/gamma_body.h -- read twice by special.h, as REAL = double and REAL = vreal (no
 * guard). log Gamma, its derivatives, and log Beta.
 *
 * All by Stirling's series at z >= 8 (DLMF 5.11.1, 5.11.2, and its derivative), reached from below
 * by the recurrence Gamma(x) = Gamma(x + 8) / (x (x+1) ... (x+7)) (DLMF 5.5.1), and from the
 * negative axis by reflection (DLMF 5.5.3, 5.5.4). Errors of the truncated series are below 1e-16
 * of the sum.
 */
#define LOG_SQRT_2PI_ 0.91893853320467274178

/* log Gamma(z) - ((z - 1/2) log z - z + log sqrt(2 pi)), z >= 8. */
static inline REAL FN(stirling_)(REAL z) {
  REAL r = 1.0 / z, s = r * r;
  REAL sum = -0.02955065359477124183 * s + 0.006410256410256410256;
  sum = sum * s - 0.001917526917526917527;
  sum = sum * s + 0.0008417508417508417508;
  sum = sum * s - 0.0005952380952380952381;
  sum = sum * s + 0.0007936507936507936508;
  sum = sum * s - 0.002777777777777777778;
  return (sum * s + 0.08333333333333333333) * r;
}

/* x (x+1) ... (x+7) scaled by scale^8. */
static inline REAL FN(eight_)(REAL x, REAL scale) {
  REAL product = x * scale;
  for (int k = 1; k < 8; k++) product = product * ((x + (double)k) * scale);
  return product;
}

/* y - the nearest integer, y >= 0: what sin(pi y) depends on, up to its sign. */
static inline REAL FN(turn_)(REAL y) { return y - FN(round)(y); }

/* log |Gamma(x)|. 1e-15 relative for x >= 8; below: absolute, 2e-14 (4e-14 for x < 0), or 1e-15
 * relative where that is more. +infinity at 0, -1, -2 ... */
MASTING_FAR_ REAL FN(lgamma)(REAL x) {
  REAL y = FN(abs)(x);
  MASK low = FN(lt)(y, K(8.0)), negative = FN(lt)(x, K(0.0));
  REAL product = FN(where)(low, FN(eight_)(y, K(1.0)), K(1.0));
  REAL z = y + FN(where)(low, K(8.0), K(0.0));
  /* (z - 1/2) log z - z + log sqrt(2 pi), in a form that is infinite at infinity */
  REAL value = (z - 0.5) * (FN(log)(z) - 1.0) + (LOG_SQRT_2PI_ - 0.5) + FN(stirling_)(z);
  if (FN(any)(negative)) {
    REAL sine = FN(abs)(FN(sin)(FN(turn_)(y) * 3.14159265358979323846));
    REAL reflected = y / product * sine * 0.318309886183790671538;
    product = FN(where)(negative, reflected, product);
    value = FN(where)(negative, -value, value);
    product = FN(where)(FN(eq)(x, K(-INFINITY)), K(0.0), product);
    value = FN(where)(FN(eq)(x, K(-INFINITY)), K(0.0), value);
  }
  return value - FN(log)(product);
}

/* log z - psi(z), z >= 8. */
static inline REAL FN(psi_rest_)(REAL z) {
  REAL r = 1.0 / z, s = r * r;
  REAL sum = -0.4432598039215686275 * s + 0.08333333333333333333;
  sum = sum * s - 0.0210927960927960928;
  sum = sum * s + 0.007575757575757575758;
  sum = sum * s - 0.004166666666666666667;
  sum = sum * s + 0.003968253968253968254;
  sum = sum * s - 0.008333333333333333333;
  sum = sum * s + 0.08333333333333333333;
  return sum * s + 0.5 * r;
}

/* d log Gamma / dx. 2e-15 relative, near its zeros (1.46163..., and between the poles): absolute,
 * 2e-15 times the larger of 1 and the terms that cancel. NaN at -1, -2 ..., -infinity at 0. */
MASTING_FAR_ REAL FN(digamma)(REAL x) {
  REAL y = FN(abs)(x);
  MASK low = FN(lt)(y, K(8.0)), negative = FN(lt)(x, K(0.0));
  REAL top = K(1.0), bottom = y; /* 1/y + 1/(y+1) + ... + 1/(y+7) = top / bottom */
  for (int k = 1; k < 8; k++) {
    REAL factor = y + (double)k;
    top = top * factor + bottom;
    bottom = bottom * factor;
  }
  REAL z = y + FN(where)(low, K(8.0), K(0.0));
  REAL value = FN(log)(z) - FN(psi_rest_)(z) - FN(where)(low, top / bottom, K(0.0));
  if (FN(any)(negative)) {
    REAL turn = FN(turn_)(y);
    REAL cotangent = 3.14159265358979323846 / FN(tan)(turn * 3.14159265358979323846);
    REAL reflected = value + 1.0 / y + cotangent;
    reflected = FN(where)(FN(eq)(turn, K(0.0)), K(NAN), reflected);
    value = FN(where)(negative, reflected, value);
  }
  return value;
}

/* d^2 log Gamma / dx^2. 2e-15 relative. +infinity at 0, -1, -2 ... */
MASTING_FAR_ REAL FN(trigamma)(REAL x) {
  REAL y = FN(abs)(x);
  MASK low = FN(lt)(y, K(8.0)), negative = FN(lt)(x, K(0.0));
  REAL top = K(1.0), bottom = y * y; /* the sum of 1/(y+k)^2 = top / bottom */
  for (int k = 1; k < 8; k++) {
    REAL factor = (y + (double)k) * (y + (double)k);
    top = top * factor + bottom;
    bottom = bottom * factor;
  }
  REAL z = y + FN(where)(low, K(8.0), K(0.0));
  REAL r = 1.0 / z, s = r * r;
  REAL sum = 54.97117794486215539 * s - 7.092156862745098039;
  sum = sum * s + 1.166666666666666667;
  sum = sum * s - 0.2531135531135531136;
  sum = sum * s + 0.07575757575757575758;
  sum = sum * s - 0.03333333333333333333;
  sum = sum * s + 0.02380952380952380952;
  sum = sum * s - 0.03333333333333333333;
  sum = sum * s + 0.1666666666666666667;
  REAL value = r + s * (0.5 + sum * r) + FN(where)(low, top / bottom, K(0.0));
  if (FN(any)(negative)) {
    REAL sine = FN(sin)(FN(turn_)(y) * 3.14159265358979323846) * 0.318309886183790671538;
    REAL reflected = 1.0 / (sine * sine) + (1.0 / (y * y) - value);
    value = FN(where)(negative, reflected, value);
  }
  return value;
}

/* d^3 log Gamma / dx^3. 4e-15 relative; near its zeros for x < 0: absolute. */
MASTING_FAR_ REAL FN(tetragamma)(REAL x) {
  REAL y = FN(abs)(x);
  MASK low = FN(lt)(y, K(8.0)), negative = FN(lt)(x, K(0.0));
  REAL near = K(0.0); /* the sum of 1/(y+k)^3, small ones first */
  for (int k = 7; k >= 0; k--)
    near = near + 1.0 / ((y + (double)k) * (y + (double)k) * (y + (double)k));
  REAL z = y + FN(where)(low, K(8.0), K(0.0));
  REAL r = 1.0 / z, s = r * r;
  REAL sum = 1044.452380952380952 * s - 120.5666666666666667;
  sum = sum * s + 17.5;
  sum = sum * s - 3.290476190476190476;
  sum = sum * s + 0.8333333333333333333;
  sum = sum * s - 0.3;
  sum = sum * s + 0.1666666666666666667;
  sum = sum * s - 0.1666666666666666667;
  sum = sum * s + 0.5;
  REAL value = -s * (1.0 + r + s * sum) - FN(where)(low, 2.0 * near, K(0.0));
  if (FN(any)(negative)) {
    REAL angle = FN(turn_)(y) * 3.14159265358979323846;
    REAL sine = FN(sin)(angle) * 0.318309886183790671538;
    REAL reflected = 2.0 * FN(cos)(angle) / (sine * sine * sine) + (2.0 / (y * y * y) + value);
    value = FN(where)(negative, reflected, value);
  }
  return value;
}

/* log B(a, b), a, b >= 0. 2e-15 relative for a, b >= 8; below: absolute, 3e-14, or 3e-15 relative
 * where that is more. The terms of Stirling's formula that would cancel for large arguments are
 * taken together, as in Didonato and Morris (1992, ACM TOMS 18, algorithm 708, BETALN). */
MASTING_FAR_ REAL FN(lbeta)(REAL p, REAL q) {
  MASK swap = FN(gt)(p, q);
  REAL a = FN(where)(swap, q, p), b = FN(where)(swap, p, q);
  MASK low_a = FN(lt)(a, K(8.0)), low_b = FN(lt)(b, K(8.0));
  /* B(a, b) = B(a, b + 8) (a+b)_8 / (b)_8, Gamma(a) = Gamma(a + 8) / (a)_8 */
  REAL ratio = FN(where)(low_b, FN(eight_)(a + b, K(1.0)) / FN(eight_)(b, K(1.0)), K(1.0));
  ratio = FN(where)(low_a, ratio / FN(eight_)(a, K(1.0)), ratio);
  REAL x = a + FN(where)(low_a, K(8.0), K(0.0));
  REAL y = b + FN(where)(low_b, K(8.0), K(0.0)), z = a + y;
  REAL log_z = FN(log)(z), log_x = FN(log)(FN(where)(low_a, x, x / z));
  REAL value = (x - 0.5) * log_x - FN(where)(low_a, a, K(0.5)) * log_z;
  value = value - (y - 0.5) * FN(log1p)(a / y) + FN(log)(ratio);
  value = value + FN(where)(low_a, K(LOG_SQRT_2PI_ - 8.0), K(LOG_SQRT_2PI_));
  value = value + (FN(stirling_)(x) + FN(stirling_)(y) - FN(stirling_)(z));
  value = FN(where)(FN(eq)(b, K(INFINITY)), K(-INFINITY), value);
  value = FN(where)(FN(eq)(a, K(0.0)), K(INFINITY), value);
  return FN(where)(FN(or)(FN(lt)(a, K(0.0)), FN(or)(FN(isnan)(p), FN(isnan)(q))), K(NAN), value);
}

/* log of n over k for reals, n >= -1, -1 <= k <= n + 1; as lbeta. */
static inline REAL FN(lchoose)(REAL n, REAL k) {
  REAL value = -FN(lbeta)(n - k + 1.0, k + 1.0) - FN(log1p)(n);
  MASK one = FN(or)(FN(eq)(k, K(0.0)), FN(eq)(k, n));
  return FN(where)(FN(and)(one, FN(ge)(n, K(-1.0))), K(0.0), value);
}

/* stirling_(z) - stirling_(y), z = y + n, of which small n leave their digits: r = 1/y, r_z = 1/z,
 * and the difference of the polynomials is divided by that of their arguments. */
static inline REAL FN(stirling_step_)(REAL r, REAL r_z, REAL n) {
  static const double c[8] = {-0.02955065359477124183,   0.006410256410256410256,
                              -0.001917526917526917527,  0.0008417508417508417508,
                              -0.0005952380952380952381, 0.0007936507936507936508,
                              -0.002777777777777777778,  0.08333333333333333333};
  REAL s = r * r, s_z = r_z * r_z, step = n * r * r_z, value = K(c[0]), slope = K(0.0);
  for (int k = 1; k < 8; k++) {
    slope = slope * s_z + value;
    value = value * s + c[k];
  }
  return -step * (value + (r + r_z) * r_z * slope);
}

/* What rising factorials of a and psi's differences need of 0 < a <= b = a + n: both moved to 8
 * and above. */
static inline REAL FN(rising_)(REAL a, REAL n, REAL *log_z) {
  MASK low = FN(lt)(a, K(8.0));
  REAL shift = FN(where)(low, K(8.0), K(0.0)), b = a + n, y = a + shift, z = b + shift;
  REAL value = (y - 0.5) * FN(log1p)(n / y) - n + FN(stirling_step_)(1.0 / y, 1.0 / z, n);
  *log_z = FN(log)(z);
  if (!FN(any)(low)) return value;
  /* (b)_8 / (a)_8 - 1, free of cancellation for small n; for huge n by factors that are scaled */
  REAL top = K(1.0), bottom = K(1.0), gap = K(0.0);
  for (int k = 0; k < 8; k++) {
    REAL factor = a + (double)k;
    gap = gap * (factor + n) + bottom * n;
    top = top * (factor + n);
    bottom = bottom * factor;
  }
  MASK huge = FN(gt)(n, K(1e30));
  REAL rise = FN(log1p)(gap / bottom);
  if (FN(any)(huge)) {
    REAL scaled = FN(eight_)(b, 1.0 / z) / bottom;
    rise = FN(where)(huge, FN(log)(scaled) + 8.0 * *log_z, rise);
  }
  return value - FN(where)(low, rise, K(0.0));
}

/* log Gamma(x + n) - log Gamma(x). Where both arguments are positive the difference is taken
 * inside Stirling's formula: 4e-15 relative, near zeros (but that at n = 0) absolute, 3e-14.
 * Elsewhere of |Gamma|, by lgamma. */
MASTING_FAR_ REAL FN(log_rising_factorial)(REAL x, REAL n) {
  REAL end = x + n, size = FN(abs)(n), log_z;
  MASK down = FN(lt)(n, K(0.0));
  REAL a = FN(where)(down, end, x);
  REAL value = FN(rising_)(a, size, &log_z);
  value = value + size * log_z;
  value = FN(where)(down, -value, value);
  MASK mixed = FN(le)(a, K(0.0));
  if (FN(any)(mixed)) value = FN(where)(mixed, FN(lgamma)(end) - FN(lgamma)(x), value);
  return value;
}

/* log of Gamma(x + n) / (Gamma(x) (x + n)^n), x > 0, n >= 0: what is left of a rising factorial
 * when its largest factor is taken out n times, so that x may be large: absolute, 4e-16 n + 4e-15.
 */
MASTING_FAR_ REAL FN(log_rising_rest)(REAL x, REAL n) {
  REAL log_z, value = FN(rising_)(x, n, &log_z);
  MASK low = FN(lt)(x, K(8.0));
  if (!FN(any)(low)) return value;
  return value + FN(where)(low, n * FN(log1p)(8.0 / (x + n)), K(0.0));
}

/* psi(x + n) - psi(x), the derivative of log_rising_factorial by x: 4e-15 relative where x and x +
 * n are positive, however small n. */
MASTING_FAR_ REAL FN(digamma_step)(REAL x, REAL n) {
  static const double c[8] = {-0.4432598039215686275,   0.08333333333333333333,
                              -0.0210927960927960928,   0.007575757575757575758,
                              -0.004166666666666666667, 0.003968253968253968254,
                              -0.008333333333333333333, 0.08333333333333333333};
  REAL end = x + n, size = FN(abs)(n);
  MASK down = FN(lt)(n, K(0.0));
  REAL a = FN(where)(down, end, x);
  MASK low = FN(lt)(a, K(8.0));
  REAL shift = FN(where)(low, K(8.0), K(0.0)), y = a + shift, z = y + size;
  REAL r = 1.0 / y, r_z = 1.0 / z, s = r * r, s_z = r_z * r_z, step = size * r * r_z;
  REAL rest = K(c[0]), slope = K(0.0); /* psi(z) = log z - 1/(2z) - s_z rest(s_z) */
  for (int k = 1; k < 8; k++) {
    slope = slope * s_z + rest;
    rest = rest * s + c[k];
  }
  slope = slope * s_z + rest;
  REAL value = FN(log1p)(size * r) + step * (0.5 + (r + r_z) * slope);
  if (FN(any)(low)) { /* the sum of n / ((a+k) (b+k)), b + k scaled by 1/z */
    REAL top = K(1.0), bottom = a * ((a + size) * r_z);
    for (int k = 1; k < 8; k++) {
      REAL factor = (a + (double)k) * ((a + (size + (double)k)) * r_z);
      top = top * factor + bottom;
      bottom = bottom * factor;
    }
    value = value + FN(where)(low, size * r_z * (top / bottom), K(0.0));
  }
  value = FN(where)(down, -value, value);
  MASK mixed = FN(le)(a, K(0.0));
  if (FN(any)(mixed)) value = FN(where)(mixed, FN(digamma)(end) - FN(digamma)(x), value);
  return value;
}

/* log Gamma(x + 1) - log Gamma(x - n + 1); as log_rising_factorial. */
static inline REAL FN(log_falling_factorial)(REAL x, REAL n) {
  return FN(log_rising_factorial)(x - n + 1.0, n);
}

/* Log of the multivariate gamma function of dimension k (DLMF 35.3.4). */
MASTING_FAR_ REAL FN(lmgamma)(int k, REAL x) {
  REAL value = K(0.28618247146235004353 * (double)k * (double)(k - 1)); /* log(pi) / 4 */
  for (int j = 0; j < k; j++) value = value + FN(lgamma)(x - 0.5 * (double)j);
  return value;
}

#undef LOG_SQRT_2PI_
