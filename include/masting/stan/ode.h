/* masting/stan/ode.h -- solving ordinary differential equations in generated models, with
 * sensitivities.
 *
 *   y' = f(t, y, p),  y(t0) = y0:  y at ts[0] <= ts[1] <= ..., all beyond t0
 *
 * n states, np parameters that differ between chains. Sensitivities: derivatives of every
 * y[k][i] by m = ny + np (+ 1 + 1) quantities, in this order: y0 (ny is n or 0), p, its own time
 * ts[k], t0. All that a reverse sweep needs is then a sum of products (masting_ode_adjoint).
 * They are part of the system that is solved and of its error control, as in Stan.
 *
 *   ode_rk.h         rk45 (Dormand and Prince), ckrk (Cash and Karp): all chains at once, each
 *   with its own steps
 *   ode_multistep.h  bdf, adams (CVODES): chain after chain
 *
 * What a chain gets does not depend on the other chains. Where a solve fails (too many steps, no
 * step small enough, times that are not sorted), y is NaN in that lane.
 */
#ifndef MASTING_STAN_ODE_H
#define MASTING_STAN_ODE_H

#include <masting/lanes.h>
#include <masting/stan/arena.h>
#include <masting/stan/run.h>

typedef struct masting_ode {
  int64_t n, np, nt;
  int64_t ny;             /* sensitivities by y0: n or 0 */
  int ts_vary, t0_varies; /* sensitivities by times */
  const vreal *y0, *t0, *ts, *p;
  double rel_tol, abs_tol, max_steps; /* steps: between two times */
  /* f at t (one value for all lanes when one_time); and with it, pass after pass, rows of its
   * derivatives, np + n columns: by y, by p. See masting_ode_seed. */
  void (*slopes)(const struct masting_ode *ode, vreal t, const vreal *y, const vreal *p,
                 vreal *dydt);
  void (*jacobian)(const struct masting_ode *ode, vreal t, const vreal *y, const vreal *p,
                   vreal *dydt, vreal *rows);
  int one_time;
  int spread; /* lanes are the same chain: a pass makes MASTING_LANES rows, one in each lane */
  masting_trouble *trouble; /* of times that are data; NULL: they are not */
  const char *where;
  int same;    /* all lanes are alike: the first one's solution is all that is wanted */
  void *state; /* the three are the generated functions' own */
  const int64_t *size;
  const void *const *data;
} masting_ode;

/* Passes of jacobian: rows of derivatives that it makes one after the other. */
MASTING_UNUSED_ static inline int64_t masting_ode_passes(const masting_ode *ode) {
  return ode->spread ? (ode->n + MASTING_LANES - 1) / MASTING_LANES : ode->n;
}

/* The weights of dydt whose derivative is row `pass`. */
MASTING_UNUSED_ static inline void masting_ode_seed(const masting_ode *ode, int64_t pass,
                                                    vreal *seed) {
  for (int64_t i = 0; i < ode->n; i++) seed[i] = v_all(0.0);
  if (!ode->spread) {
    seed[pass] = v_all(1.0);
    return;
  }
  for (int c = 0; c < MASTING_LANES && pass * MASTING_LANES + c < ode->n; c++)
    seed[pass * MASTING_LANES + c] = v_put(seed[pass * MASTING_LANES + c], c, 1.0);
}

/* Columns that the solver carries along, and all of them. */
MASTING_UNUSED_ static inline int64_t masting_ode_carried(const masting_ode *ode) {
  return ode->ny + ode->np;
}
MASTING_UNUSED_ static inline int64_t masting_ode_columns(const masting_ode *ode) {
  return ode->ny + ode->np + ode->ts_vary + ode->t0_varies;
}

MASTING_UNUSED_ static vreal *masting_ode_take(masting_arena *arena, int64_t count) {
  return masting_arena_take(arena, (size_t)count * sizeof(vreal));
}

/* The same in every lane. */
MASTING_UNUSED_ static const vreal *masting_ode_lanes(masting_arena *arena, int64_t count,
                                                      const double *x) {
  vreal *v = masting_ode_take(arena, count);
  for (int64_t i = 0; i < count; i++) v[i] = v_all(x[i]);
  return v;
}

MASTING_UNUSED_ static void masting_ode_first(int64_t count, const vreal *v, double *x) {
  for (int64_t i = 0; i < count; i++) x[i] = v_get(v[i], 0);
}

/* dydt at times that may differ between lanes. */
MASTING_UNUSED_ static void masting_ode_slopes(masting_arena *arena, const masting_ode *ode,
                                               vreal t, const vreal *y, vreal *dydt) {
  if (!ode->one_time || MASTING_LANES == 1) {
    ode->slopes(ode, t, y, ode->p, dydt);
    return;
  }
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *part = masting_ode_take(arena, ode->n);
  for (int c = 0; c < MASTING_LANES; c++) {
    ode->slopes(ode, v_all(v_get(t, c)), y, ode->p, part);
    for (int64_t i = 0; i < ode->n; i++) dydt[i] = v_put(dydt[i], c, v_get(part[i], c));
  }
  masting_arena_release(arena, mark);
}

/* NaN everywhere until there is something better; sensitivities 0. */
MASTING_UNUSED_ static void masting_ode_begin(const masting_ode *ode, vreal *y, vreal *sens) {
  for (int64_t i = 0; i < ode->nt * ode->n; i++) y[i] = v_all(NAN);
  for (int64_t i = 0; sens && i < ode->nt * ode->n * masting_ode_columns(ode); i++)
    sens[i] = v_all(0.0);
}

/* Times that no parameter excuses. */
MASTING_COLD_ static void masting_ode_bad_times(const masting_ode *ode) {
  double before = v_get(*ode->t0, 0);
  for (int64_t k = 0; k < ode->nt; k++) {
    double t = v_get(ode->ts[k], 0);
    if (!(k ? before <= t : before < t) || isinf(t)) {
      masting_trouble_note(
          ode->trouble,
          "%s: times of a differential equation; expected finite ones beyond the initial "
          "time, none before the one before it, got %g after %g; try sorting them",
          ode->where, t, before);
      return;
    }
    before = t;
  }
}

/* Lanes whose times are in order. */
MASTING_UNUSED_ static vmask masting_ode_sane(const masting_ode *ode) {
  vmask sane = v_lt(v_abs(*ode->t0), v_all(INFINITY));
  for (int64_t k = 0; k < ode->nt; k++) {
    sane &= v_lt(v_abs(ode->ts[k]), v_all(INFINITY));
    sane &= k == 0 ? v_lt(*ode->t0, ode->ts[0]) : v_le(ode->ts[k - 1], ode->ts[k]);
  }
  if (ode->trouble && v_any(v_not(sane))) masting_ode_bad_times(ode);
  return sane;
}

/* A lane that failed. */
MASTING_UNUSED_ static void masting_ode_fail(const masting_ode *ode, int lane, vreal *y) {
  for (int64_t i = 0; i < ode->nt * ode->n; i++) y[i] = v_put(y[i], lane, NAN);
}

/* Derivatives by times: f at the end, and -(dy/dy0) f at the beginning. */
MASTING_UNUSED_ static void masting_ode_times(masting_arena *arena, const masting_ode *ode,
                                              const vreal *y, vreal *sens) {
  int64_t n = ode->n, m = masting_ode_columns(ode), at = masting_ode_carried(ode);
  if (!sens || m == at) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *f = masting_ode_take(arena, n);
  for (int64_t k = 0; ode->ts_vary && k < ode->nt; k++) {
    masting_ode_slopes(arena, ode, ode->ts[k], y + k * n, f);
    for (int64_t i = 0; i < n; i++) sens[(k * n + i) * m + at] = f[i];
  }
  at += ode->ts_vary;
  if (ode->t0_varies) masting_ode_slopes(arena, ode, *ode->t0, ode->y0, f);
  for (int64_t r = 0; ode->t0_varies && r < ode->nt * n; r++) {
    vreal sum = v_all(0.0);
    for (int64_t j = 0; j < n; j++) sum -= sens[r * m + j] * f[j];
    sens[r * m + at] = sum;
  }
  masting_arena_release(arena, mark);
}

/* adj[j] += sum over rows of y_adj[row] * sens[row][first + j] */
MASTING_UNUSED_ static void masting_ode_adjoint(int64_t rows, int64_t columns, const vreal *y_adj,
                                                const vreal *sens, int64_t first, int64_t count,
                                                vreal *adj) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t j = 0; j < count; j++) adj[j] += y_adj[r] * sens[r * columns + first + j];
}

/* The same for the times, of which each has the rows of its own. */
MASTING_UNUSED_ static void masting_ode_adjoint_times(int64_t nt, int64_t n, int64_t columns,
                                                      const vreal *y_adj, const vreal *sens,
                                                      int64_t column, vreal *ts_adj) {
  for (int64_t k = 0; k < nt; k++)
    for (int64_t i = 0; i < n; i++)
      ts_adj[k] += y_adj[k * n + i] * sens[(k * n + i) * columns + column];
}

#endif
