/* masting/stan/elementary_body.h -- read twice by special.h, as REAL = double and REAL = vreal (no
 * guard). Rounding, minima, powers, and stable forms of sums of exponentials: a few ulp each.
 */

/* x with the sign of y. */
static inline REAL FN(copysign)(REAL x, REAL y) {
  return FN(from_bits)((FN(bits)(x) & INT64_MAX) | (FN(bits)(y) & INT64_MIN));
}

/* Rounding, exact on any SIMD level: adding 2^52 leaves no fraction bits. Zeros keep their sign. */
static inline REAL FN(trunc)(REAL x) {
  REAL size = FN(abs)(x), large = K(0x1p52);
  REAL near = (size + large) - large;
  near = near - FN(where)(FN(gt)(near, size), K(1.0), K(0.0));
  return FN(copysign)(FN(where)(FN(lt)(size, large), near, size), x);
}

static inline REAL FN(floor)(REAL x) {
  REAL t = FN(trunc)(x);
  return t - FN(where)(FN(lt)(x, t), K(1.0), K(0.0));
}

static inline REAL FN(ceil)(REAL x) { return -FN(floor)(-x); }

/* To the nearest integer, halves away from zero. */
static inline REAL FN(round)(REAL x) {
  REAL t = FN(trunc)(FN(abs)(x));
  REAL up = FN(where)(FN(ge)(FN(abs)(x) - t, K(0.5)), K(1.0), K(0.0));
  return FN(copysign)(t + up, x);
}

/* 0 below 0, else 1 (also for NaN, as in Stan). */
static inline REAL FN(step)(REAL x) { return FN(where)(FN(lt)(x, K(0.0)), K(0.0), K(1.0)); }

/* As in C: of a NaN and a number, the number. */
static inline REAL FN(fmin)(REAL a, REAL b) {
  return FN(where)(FN(or)(FN(isnan)(a), FN(lt)(b, a)), b, a);
}

static inline REAL FN(fmax)(REAL a, REAL b) {
  return FN(where)(FN(or)(FN(isnan)(a), FN(gt)(b, a)), b, a);
}

static inline REAL FN(fdim)(REAL a, REAL b) { return FN(where)(FN(le)(a, b), K(0.0), a - b); }

static inline REAL FN(square)(REAL x) { return x * x; }
static inline REAL FN(inv)(REAL x) { return 1.0 / x; }
static inline REAL FN(inv_sqrt)(REAL x) { return 1.0 / FN(sqrt)(x); }
static inline REAL FN(inv_square)(REAL x) { return 1.0 / (x * x); }

/* x log y, with 0 log 0 = 0. */
static inline REAL FN(lmultiply)(REAL x, REAL y) {
  MASK zero = FN(and)(FN(eq)(x, K(0.0)), FN(eq)(y, K(0.0)));
  return FN(where)(zero, K(0.0), x * FN(log)(y));
}

static inline REAL FN(multiply_log)(REAL x, REAL y) { return FN(lmultiply)(x, y); }

static inline REAL FN(log1m)(REAL x) { return FN(log1p)(-x); }

/* log(1 + e^x). */
static inline REAL FN(log1p_exp)(REAL x) {
  REAL above = FN(where)(FN(lt)(x, K(0.0)), K(0.0), x);
  return above + FN(log1p)(FN(exp)(-FN(abs)(x)));
}

/* log(1 - e^x), x < 0; the switch at -log 2 is that of Maechler (2012, "Accurately computing
 * log(1 - exp(-|a|))", eq. 7). */
static inline REAL FN(log1m_exp)(REAL x) {
  REAL close = FN(log)(-FN(expm1)(x)), distant = FN(log1p)(-FN(exp)(x));
  return FN(where)(FN(gt)(x, K(-0.69314718055994531)), close, distant);
}

static inline REAL FN(inv_logit)(REAL x) {
  REAL e = FN(exp)(-FN(abs)(x));
  return FN(where)(FN(lt)(x, K(0.0)), e, K(1.0)) / (1.0 + e);
}

/* log(x / (1 - x)); near x = 1/2: absolute, 3e-16. */
static inline REAL FN(logit)(REAL x) { return FN(log)(x / (1.0 - x)); }

static inline REAL FN(log_inv_logit)(REAL x) { return -FN(log1p_exp)(-x); }
static inline REAL FN(log1m_inv_logit)(REAL x) { return -FN(log1p_exp)(x); }

/* 1 - exp(-exp(x)). */
static inline REAL FN(inv_cloglog)(REAL x) { return -FN(expm1)(-FN(exp)(x)); }

/* log(e^a + e^b), log_sum_exp of two numbers (linalg.h has that of a vector); near its zeros:
 * absolute, 2e-16 max(1, |a|). */
static inline REAL FN(log_sum_exp2)(REAL a, REAL b) {
  REAL more = FN(where)(FN(lt)(a, b), b, a);
  REAL gap = FN(where)(FN(eq)(a, b), K(0.0), FN(abs)(a - b)); /* equal infinities: no NaN */
  return more + FN(log1p)(FN(exp)(-gap));
}

/* log(e^a - e^b); -infinity where a = b < infinity, NaN where a < b. */
static inline REAL FN(log_diff_exp)(REAL a, REAL b) {
  REAL apart = a + FN(log1m_exp)(b - a);
  REAL equal = FN(where)(FN(lt)(a, K(INFINITY)), K(-INFINITY), K(NAN));
  return FN(where)(FN(eq)(a, b), equal, apart);
}

/* c[0] + c[1] x + ... + c[n-1] x^(n-1), n even; odd and even powers apart, as two chains of
 * products. */
static inline REAL FN(poly_)(const double *c, int n, REAL x) {
  REAL square = x * x, even = K(c[n - 2]), odd = K(c[n - 1]);
  for (int i = n - 4; i >= 0; i -= 2) {
    even = even * square + c[i];
    odd = odd * square + c[i + 1];
  }
  return even + odd * x;
}

/* log(1 + x^2), also where x^2 is no double. */
static inline REAL FN(log1p_square)(REAL x) {
  REAL value = FN(log1p)(x * x);
  MASK large = FN(gt)(FN(abs)(x), K(1e150));
  if (FN(any)(large)) value = FN(where)(large, 2.0 * FN(log)(FN(abs)(x)), value);
  return value;
}

/* Its derivative, 2x / (1 + x^2). */
static inline REAL FN(log1p_square_slope)(REAL x) {
  REAL value = 2.0 * x / (1.0 + x * x);
  MASK large = FN(gt)(FN(abs)(x), K(1e150));
  if (FN(any)(large)) value = FN(where)(large, 2.0 / x, value);
  return value;
}
