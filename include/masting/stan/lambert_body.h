/* masting/stan/lambert_body.h -- read twice by special.h, as REAL = double and REAL = vreal (no
 * guard). Lambert's W, both real branches: w e^w = x.
 *
 * Near the branch point -1/e by the series in p = +-sqrt(2 (e x + 1)) (Corless et al. 1996,
 * Advances in Computational Mathematics 5, eq. 4.22 to 4.24), elsewhere by the iteration of
 * Fritsch, Shafer and Crowley (1973, CACM 16, 123-124, algorithm 443), whose error goes with the
 * fourth power: a fixed number of steps.
 */

/* 2 (e x + 1), with 1/e in two parts; 0 at the double nearest -1/e, which is below it by 1e-17. */
static inline REAL FN(branch_)(REAL x) {
  REAL above = (x + 0.36787944117144233) - 1.2428753672788363168e-17;
  above = FN(where)(FN(eq)(x, K(-0.36787944117144233)), K(0.0), above);
  return 5.4365636569180904707 * above;
}

static inline REAL FN(branch_series_)(REAL p) {
  static const double c[20] = {-1.0,
                               1.0,
                               -0.33333333333333333333,
                               0.15277777777777777778,
                               -0.07962962962962962963,
                               0.044502314814814814815,
                               -0.025984714873603762493,
                               0.015635632532333921223,
                               -0.0096168920242994317068,
                               0.006014543252956117861,
                               -0.0038112980348919992267,
                               0.0024408779911439826659,
                               -0.0015769303446867842539,
                               0.0010262633205076071544,
                               -0.000672061631156136204,
                               0.00044247306181462090993,
                               -0.00029267722472962744485,
                               0.00019438727605453931782,
                               -0.00012957426685274881888,
                               0.00008665035805208127166};
  return FN(poly_)(c, 20, p);
}

/* Steps from a first guess w of the sign of x. */
static inline REAL FN(lambert_steps_)(REAL x, REAL w, int steps) {
  for (int i = 0; i < steps; i++) {
    REAL z = FN(log)(x / w) - w, one = 1.0 + w;
    REAL q = 2.0 * one * (one + 0.66666666666666666667 * z);
    w = w + w * (z / one * (q - z) / (q - 2.0 * z));
  }
  return w;
}

/* W_0(x), x >= -1/e: 2e-15 relative, 1e-14 below x = -0.3. First guess: Winitzki (2003, "Uniform
 * approximations for transcendental functions", LNCS 2667). */
MASTING_FAR_ REAL FN(lambert_w0)(REAL x) {
  REAL square = FN(branch_)(x), p = FN(sqrt)(square);
  REAL safe = FN(where)(FN(lt)(p, K(0.2)), K(1.0), x);
  REAL l = FN(log1p)(safe);
  REAL w = FN(lambert_steps_)(safe, l * (1.0 - FN(log1p)(l) / (2.0 + l)), 3);
  w = FN(where)(FN(eq)(x, K(INFINITY)), x, FN(where)(FN(eq)(x, K(0.0)), x, w));
  w = FN(where)(FN(lt)(p, K(0.2)), FN(branch_series_)(p), w);
  return FN(where)(FN(ge)(square, K(0.0)), w, K(NAN));
}

/* W_-1(x), -1/e <= x <= 0: 2e-15 relative, 1e-14 below x = -0.3; -infinity at 0. */
MASTING_FAR_ REAL FN(lambert_wm1)(REAL x) {
  REAL square = FN(branch_)(x), p = -FN(sqrt)(square);
  MASK close = FN(gt)(p, K(-0.2));
  REAL safe = FN(where)(close, K(-0.1), x);
  REAL l = FN(log)(-safe), ll = FN(log)(-l);
  REAL guess = FN(where)(FN(gt)(p, K(-0.9)), FN(branch_series_)(p), l - ll + ll / l);
  REAL w = FN(lambert_steps_)(safe, FN(where)(close, K(-3.5), guess), 3);
  w = FN(where)(close, FN(branch_series_)(p), w);
  w = FN(where)(FN(eq)(x, K(0.0)), K(-INFINITY), w);
  return FN(where)(FN(and)(FN(ge)(square, K(0.0)), FN(le)(x, K(0.0))), w, K(NAN));
}
