/* masting/stan/special.h -- functions of one, two or three real numbers, for generated models.
 *
 * Each comes twice: d_NAME on doubles (data: the same for all chains) and v_NAME on vreals (a lane
 * a chain). Every formula is written once, in a *_body.h that is read twice; what is too branchy
 * for lanes (incomplete.h, bessel.h, owens.h) is a function of doubles that v_NAME calls lane by
 * lane.
 *
 *   - A lane's result depends on that lane alone. Work that no lane needs may be left out, never
 *     changed.
 *   - Pure: no static state, no errno, nothing of libm's but what is exact (fmod), so that the
 *     bits are the same on any rank of a SIMD level.
 *   - NaN gives NaN; outside a domain is NaN; limits at 0 and infinity are taken.
 *   - Derivatives that are not elementary stand beside the function; the caller knows the others
 *     (d erf/dx, d lgamma/dx = digamma ...).
 *
 * Accuracy is stated above each function, in units in the last place (ulp) or relative; "near a
 * zero: absolute" means that cancellation leaves that error and no less. tests/unit/test_special
 * holds all to it.
 */
#ifndef MASTING_STAN_SPECIAL_H
#define MASTING_STAN_SPECIAL_H

#include <masting/lanes.h>
#include <masting/stan/sleef.h>

/* A larger function: one copy, called, whose equal calls the compiler may share. */
#define MASTING_FAR_ static __attribute__((noinline, unused, const))

/* On doubles. */
#define REAL double
#define MASK int64_t
#define FN(name) d_##name
#define K(c) (c)
#include <masting/stan/elementary_body.h>
#include <masting/stan/gamma_body.h>
#include <masting/stan/lambert_body.h>
#include <masting/stan/normal_body.h>
#undef REAL
#undef MASK
#undef FN
#undef K

/* On lanes. */
#define REAL vreal
#define MASK vmask
#define FN(name) v_##name
#define K(c) v_all(c)
#include <masting/stan/elementary_body.h>
#include <masting/stan/gamma_body.h>
#include <masting/stan/lambert_body.h>
#include <masting/stan/normal_body.h>
#undef REAL
#undef MASK
#undef FN
#undef K

/* a - trunc(a/b) b, exact, with a's sign. */
static inline double d_fmod(double a, double b) { return __builtin_fmod(a, b); }

#include <masting/stan/bessel.h>
#include <masting/stan/incomplete.h>
#include <masting/stan/owens.h>
#include <masting/stan/tails.h>

/* A function of doubles on each lane. */
#define MASTING_EACH2_(name)                                                                       \
  MASTING_FAR_ vreal v_##name(vreal x, vreal y) {                                                  \
    for (int i = 0; i < MASTING_LANES; i++) x = v_put(x, i, d_##name(v_get(x, i), v_get(y, i)));   \
    return x;                                                                                      \
  }

#define MASTING_EACH3_(name)                                                                       \
  MASTING_FAR_ vreal v_##name(vreal x, vreal y, vreal z) {                                         \
    for (int i = 0; i < MASTING_LANES; i++)                                                        \
      x = v_put(x, i, d_##name(v_get(x, i), v_get(y, i), v_get(z, i)));                            \
    return x;                                                                                      \
  }
#define MASTING_EACH4_(name)                                                                       \
  MASTING_FAR_ vreal v_##name(vreal x, vreal y, vreal z, vreal w) {                                \
    for (int i = 0; i < MASTING_LANES; i++)                                                        \
      x = v_put(x, i, d_##name(v_get(x, i), v_get(y, i), v_get(z, i), v_get(w, i)));               \
    return x;                                                                                      \
  }
#define MASTING_EACH_ORDER_(name)                                                                  \
  MASTING_FAR_ vreal v_##name(int n, vreal x) {                                                    \
    for (int i = 0; i < MASTING_LANES; i++) x = v_put(x, i, d_##name(n, v_get(x, i)));             \
    return x;                                                                                      \
  }

MASTING_EACH2_(fmod)
MASTING_EACH2_(gamma_p)
MASTING_EACH2_(gamma_q)
MASTING_EACH2_(gamma_p_da)
MASTING_EACH2_(log_gamma_p)
MASTING_EACH2_(log_gamma_p_da)
MASTING_EACH2_(log_gamma_p_dx)
MASTING_EACH2_(log_gamma_q)
MASTING_EACH2_(log_gamma_q_da)
MASTING_EACH2_(log_gamma_q_dx)
MASTING_EACH4_(log_inc_beta)
MASTING_EACH4_(log_inc_beta_da)
MASTING_EACH4_(log_inc_beta_db)
MASTING_EACH4_(log_inc_beta_dl)
MASTING_EACH2_(log_skew_normal)
MASTING_EACH2_(log_skew_normal_dz)
MASTING_EACH2_(log_skew_normal_da)
MASTING_EACH2_(log_exp_mod_normal)
MASTING_EACH2_(log_exp_mod_normal_du)
MASTING_EACH2_(log_exp_mod_normal_dw)
MASTING_EACH3_(log_von_mises)
MASTING_EACH3_(log_von_mises_dlow)
MASTING_EACH3_(log_von_mises_dhigh)
MASTING_EACH3_(log_von_mises_dk)
MASTING_EACH4_(log_beta_binomial)
MASTING_EACH4_(log_beta_binomial_da)
MASTING_EACH4_(log_beta_binomial_db)
MASTING_EACH4_(log_beta_neg_binomial)
MASTING_EACH4_(log_beta_neg_binomial_dr)
MASTING_EACH4_(log_beta_neg_binomial_da)
MASTING_EACH4_(log_beta_neg_binomial_db)
MASTING_EACH4_(log_hypergeometric)
MASTING_EACH3_(inc_beta)
MASTING_EACH3_(inc_beta_da)
MASTING_EACH3_(inc_beta_db)
MASTING_EACH2_(owens_t)
MASTING_EACH2_(log_modified_bessel_first_kind)
MASTING_EACH2_(log_modified_bessel_first_kind_dz)
MASTING_EACH2_(log_modified_bessel_first_kind_dv)
MASTING_EACH_ORDER_(modified_bessel_first_kind)
MASTING_EACH_ORDER_(modified_bessel_second_kind)
MASTING_EACH_ORDER_(bessel_first_kind)
MASTING_EACH_ORDER_(bessel_second_kind)

#endif
