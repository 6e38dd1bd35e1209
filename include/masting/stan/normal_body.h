/* masting/stan/normal_body.h -- read twice by special.h, as REAL = double and REAL = vreal (no
 * guard). The normal distribution function, its logarithm, hazard and inverse.
 *
 * All but the inverse come from e^(t^2) erfc(t), t >= 0, which is a polynomial in (t - 3.75)/(t +
 * 3.75), divided by 1 + 2t: the form of Shepherd and Laframboise (1981, Mathematics of Computation
 * 36, 249-253). The coefficients are of our own Chebyshev interpolation in 60 digits; its error is
 * 3e-17.
 */

/* e^(x^2/2) Phi(-x) for x >= 0: half of e^(t^2) erfc(t) at t = x / sqrt 2. */
static inline REAL FN(mills_)(REAL x) {
  static const double c[24] = {
      0.61875631541891376331,     -0.070120299292773507195,   0.0017927077427397875831,
      0.041138369245074886281,    -0.05440196507123322391,    0.046152160580129468053,
      -0.029346699288155306263,   0.01418113871018866684,     -0.0048732898429810858072,
      0.00087781292171593207101,  0.00014685719528942799028,  -0.0001450770210167635199,
      0.000025823246705014384832, 0.000011192069262828378195, -5.7189901872477670408e-6,
      -4.8669375837470714283e-7,  8.7095059725971831236e-7,   -2.8705380365069578545e-8,
      -1.2425554325105353067e-7,  1.1699267156520448471e-8,   1.5976993060289090332e-8,
      -1.899094898868103596e-9,   -1.3092600782515723996e-9,  1.6026311689644578539e-10};
  REAL t = x * 0.70710678118654752440;
  REAL u = 1.0 - 7.5 / (t + 3.75);
  return FN(poly_)(c, 24, u) / (1.0 + 2.0 * t);
}

/* e^(-x^2/2), without the error that rounding x^2 would bring: x = high + low, high^2 is exact. */
static inline REAL FN(bell_)(REAL x) {
  REAL y = FN(abs)(x);
  y = FN(where)(FN(gt)(y, K(40.0)), K(40.0), y);
  REAL high = FN(from_bits)(FN(bits)(y) & ~INT64_C(0x7ffffff));
  REAL rest = -0.5 * ((y - high) * (y + high));
  REAL factor = 1.0 + rest * (1.0 + rest * (0.5 + rest * 0.16666666666666666667));
  return FN(exp)(-0.5 * (high * high)) * factor;
}

/* Phi(x), the standard normal distribution function: 2e-15 relative in both tails, to 1e-308. */
MASTING_FAR_ REAL FN(Phi)(REAL x) {
  REAL tail = FN(bell_)(x) * FN(mills_)(FN(abs)(x));
  return FN(where)(FN(lt)(x, K(0.0)), tail, 1.0 - tail);
}

/* log Phi(x): 2e-15 relative in both tails. */
MASTING_FAR_ REAL FN(std_normal_lcdf)(REAL x) {
  MASK left = FN(lt)(x, K(0.0));
  REAL mills = FN(mills_)(FN(abs)(x));
  REAL right = -FN(bell_)(x) * mills;
  REAL less = FN(where)(FN(lt)(mills, K(0x1p-53)), K(0x1p-53), mills) - 1.0;
  REAL value = FN(log1p)(FN(where)(left, less, right));
  return value - FN(where)(left, 0.5 * (x * x), K(0.0));
}

/* log(1 - Phi(x)). */
static inline REAL FN(std_normal_lccdf)(REAL x) { return FN(std_normal_lcdf)(-x); }

/* phi(x) / Phi(x), the derivative of log Phi: 2e-15 relative; -x far left. */
MASTING_FAR_ REAL FN(std_normal_hazard_lower)(REAL x) {
  MASK left = FN(lt)(x, K(0.0));
  REAL mills = FN(mills_)(FN(abs)(x)), bell = FN(bell_)(x);
  REAL top = FN(where)(left, K(1.0), bell);
  return 0.39894228040143267794 * top / FN(where)(left, mills, 1.0 - bell * mills);
}

/* log of exp(w^2/2 - w u) Phi(u - w), the part of an exponentially modified normal that its
 * density has as well: beyond w = u without the terms that cancel. */
MASTING_FAR_ REAL FN(log_exp_mod_part)(REAL u, REAL w) {
  REAL x = w - u, size = FN(abs)(x), mills = FN(mills_)(size), bell = FN(bell_)(x);
  MASK far = FN(gt)(x, K(0.0));
  REAL value = FN(where)(far, -0.5 * (u * u), w * (0.5 * w - u));
  return value + FN(where)(far, FN(log)(mills), FN(log1p)(-bell * mills));
}

/* phi(x) / Phi(-x) - x for x >= 0; the asymptotic series (DLMF 7.12.1) where the difference
 * cancels. */
static inline REAL FN(hazard_excess_)(REAL x) {
  REAL r = 1.0 / x, s = r * r;
  REAL series = r * (1.0 - s * (2.0 - s * (10.0 - s * (74.0 - s * 706.0))));
  REAL near = 0.39894228040143267794 / FN(mills_)(x) - x;
  return FN(where)(FN(gt)(x, K(50.0)), series, near);
}

/* The slopes of log_exp_mod_part. */
MASTING_FAR_ REAL FN(log_exp_mod_part_dw)(REAL u, REAL w) {
  REAL x = w - u, size = FN(abs)(x), hazard = FN(std_normal_hazard_lower)(-x);
  return FN(where)(FN(gt)(x, K(0.0)), -FN(hazard_excess_)(size), x - hazard);
}
MASTING_FAR_ REAL FN(log_exp_mod_part_du)(REAL u, REAL w) {
  REAL x = w - u, size = FN(abs)(x), hazard = FN(std_normal_hazard_lower)(-x);
  return FN(where)(FN(gt)(x, K(0.0)), FN(hazard_excess_)(size) - u, hazard - w);
}

/* Stan's Phi_approx: inv_logit(0.07056 x^3 + 1.5976 x). */
static inline REAL FN(Phi_approx)(REAL x) {
  return FN(inv_logit)(x * (0.07056 * (x * x) + 1.5976));
}

/* The quantile of p: 1e-15 relative, near p = 1/2 absolute. Wichura (1988, Applied Statistics 37,
 * 477-484, algorithm AS 241), PPND16; its coefficients as printed, lowest first. */
MASTING_FAR_ REAL FN(inv_Phi)(REAL p) {
  static const double middle_top[8] = {3.3871328727963666080e+0, 1.3314166789178437745e+2,
                                       1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                       4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                       3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static const double middle_bottom[8] = {1.0,
                                          4.2313330701600911252e+1,
                                          6.8718700749205790830e+2,
                                          5.3941960214247511077e+3,
                                          2.1213794301586595867e+4,
                                          3.9307895800092710610e+4,
                                          2.8729085735721942674e+4,
                                          5.2264952788528545610e+3};
  static const double near_top[8] = {1.42343711074968357734e+0, 4.63033784615654529590e+0,
                                     5.76949722146069140550e+0, 3.64784832476320460504e+0,
                                     1.27045825245236838258e+0, 2.41780725177450611770e-1,
                                     2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static const double near_bottom[8] = {1.0,
                                        2.05319162663775882187e+0,
                                        1.67638483018380384940e+0,
                                        6.89767334985100004550e-1,
                                        1.48103976427480074590e-1,
                                        1.51986665636164571966e-2,
                                        5.47593808499534494600e-4,
                                        1.05075007164441684324e-9};
  static const double far_top[8] = {6.65790464350110377720e+0, 5.46378491116411436990e+0,
                                    1.78482653991729133580e+0, 2.96560571828504891230e-1,
                                    2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                    2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static const double far_bottom[8] = {1.0,
                                       5.99832206555887937690e-1,
                                       1.36929880922735805310e-1,
                                       1.48753612908506148525e-2,
                                       7.86869131145613259100e-4,
                                       1.84631831751005468180e-5,
                                       1.42151175831644588870e-7,
                                       2.04426310338993978564e-15};
  REAL q = p - 0.5, r = 0.180625 - q * q;
  REAL value = q * FN(poly_)(middle_top, 8, r) / FN(poly_)(middle_bottom, 8, r);
  MASK tails = FN(not )(FN(le)(FN(abs)(q), K(0.425)));
  if (FN(any)(tails)) {
    REAL tail = FN(where)(FN(lt)(q, K(0.0)), p, 1.0 - p);
    REAL s = FN(sqrt)(-FN(log)(tail)), near = s - 1.6, far = s - 5.0;
    REAL z = FN(poly_)(near_top, 8, near) / FN(poly_)(near_bottom, 8, near);
    MASK beyond = FN(gt)(s, K(5.0));
    if (FN(any)(beyond))
      z = FN(where)(beyond, FN(poly_)(far_top, 8, far) / FN(poly_)(far_bottom, 8, far), z);
    z = FN(where)(FN(eq)(tail, K(0.0)), K(INFINITY), z);
    value = FN(where)(tails, FN(copysign)(z, q), value);
  }
  return value;
}
