/* masting/stan/integrand.h -- what the rules of quadrature.h and quadrature_gk.h share: integrals
 * of generated models, with sensitivities.
 *
 *   integral from a to b of f(x, xc, p) dx,  a = ode->t0, b = ode->ts, both a lane a chain
 *
 * The problem is a masting_ode of one state: `slopes` is f, its time is x, its state xc (the
 * distance to the nearer limit, a - x or b - x; NaN where a limit is infinite). Value and
 * derivatives by the np parameters are components of one integral: a rule goes on until all of
 * them have converged, so that they belong to each other. Derivatives by the limits are f there.
 * sens has a column for each: p, then b (ts_vary), then a (t0_varies).
 *
 * What a chain gets does not depend on the other chains. Where there is no integral (a > b, an
 * error estimate that does not get below the tolerance, f without a value) it is NaN in that lane.
 */
#ifndef MASTING_STAN_INTEGRAND_H
#define MASTING_STAN_INTEGRAND_H

#include <masting/stan/ode.h>

typedef struct masting_integrand {
  const masting_ode *ode;
  int64_t m;  /* components: 1, or with derivatives 1 + np */
  vreal *row; /* of the Jacobian */
} masting_integrand;

/* Sensitivities are wanted where there is something to be sensitive to. */
MASTING_UNUSED_ static masting_integrand
masting_integrand_of(masting_arena *arena, const masting_ode *ode, const vreal *sens) {
  masting_integrand g = {ode, sens ? 1 + ode->np : 1, NULL};
  g.row = masting_ode_take(arena, 1 + ode->np);
  return g;
}

/* All components at x. A derivative that is NaN where f is 0 is 0, as in Stan: f has underflowed
 * there. Returns the lanes in which all are finite. */
MASTING_UNUSED_ static vmask masting_integrand_at(const masting_integrand *g, vreal x, vreal xc,
                                                  vreal *f) {
  const masting_ode *ode = g->ode;
  vreal y = xc, zero = v_all(0.0);
  if (g->m == 1)
    ode->slopes(ode, x, &y, ode->p, f);
  else
    ode->jacobian(ode, x, &y, ode->p, f, g->row);
  vmask none = v_eq(*f, zero), finite = v_lt(v_abs(*f), v_all(INFINITY));
  for (int64_t c = 1; c < g->m; c++) {
    f[c] = v_where(v_and(none, v_isnan(g->row[c])), zero, g->row[c]);
    finite &= v_lt(v_abs(f[c]), v_all(INFINITY));
  }
  return finite;
}

/* Where the limits are in order; where they are equal there is nothing to do. */
MASTING_UNUSED_ static vmask masting_integrand_sane(const masting_ode *ode) {
  vreal a = *ode->t0, b = *ode->ts;
  return v_and(v_le(a, b), v_or(v_lt(a, b), v_lt(v_abs(a), v_all(INFINITY))));
}

/* The results of lanes that are good; others are NaN, and trouble where nothing excuses them. */
MASTING_UNUSED_ static void masting_integrand_end(const masting_integrand *g, vmask good,
                                                  const vreal *value, vreal *y, vreal *sens) {
  const masting_ode *ode = g->ode;
  *y = v_where(good, value[0], v_all(NAN));
  if (ode->trouble && v_any(v_not(good)))
    masting_trouble_note(ode->trouble,
                         "%s: integral from %g to %g; expected limits in order and an error "
                         "estimate within the tolerance; try another tolerance, or to split the "
                         "interval where the function is not smooth",
                         ode->where, v_get(*ode->t0, 0), v_get(*ode->ts, 0));
  if (!sens) return;
  for (int64_t j = 0; j < ode->np; j++) sens[j] = v_where(good, value[1 + j], v_all(0.0));
  for (int limit = 0, at = (int)ode->np; limit < 2; limit++) {
    if (!(limit ? ode->t0_varies : ode->ts_vary)) continue;
    vreal x = limit ? *ode->t0 : *ode->ts, xc = v_all(0.0), f;
    vmask finite = v_lt(v_abs(x), v_all(INFINITY));
    ode->slopes(ode, v_where(finite, x, xc), &xc, ode->p, &f);
    sens[at++] = v_where(v_and(good, finite), limit ? -f : f, v_all(0.0));
  }
}

#endif
