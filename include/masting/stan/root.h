/* masting/stan/root.h -- what the methods of root_newton.h and root_powell.h share: roots of
 * systems of equations of generated models, with sensitivities.
 *
 *   f(y, p) = 0:  n equations, n unknowns, from the guess ode->y0
 *
 * The problem is a masting_ode: `slopes` is f, which has no time; tolerances are rel_tol (of
 * steps), abs_tol (of f) and max_steps. Chains are solved one after the other; the lanes of a
 * solve are those of one chain, and a pass makes MASTING_LANES rows of the Jacobian. What a method
 * has found is polished by Newton's steps as long as f gets smaller, so that the root is what the
 * equations say, to rounding, and does not depend on the tolerance. Sensitivities are those of the
 * implicit function theorem, dy/dp = -(df/dy)^-1 df/dp, a column of sens for each of p; the guess
 * has none.
 *
 * Where there is no root (too many steps, f still larger than abs_tol, f without a value) y is NaN
 * in that lane.
 */
#ifndef MASTING_STAN_ROOT_H
#define MASTING_STAN_ROOT_H

#include <masting/stan/ode.h>

typedef struct masting_root {
  const masting_ode *ode;
  masting_ode one; /* of the chain at hand: its parameters in every lane */
  int64_t n;
  vreal *y, *p, *f, *rows;
  double *x, *value; /* [n] where it is, and f there */
  double *jacobian;  /* [n, n] row by row; a factor of it in place */
  double *step;      /* [n] */
  int64_t *pivot;    /* [n] */
} masting_root;

MASTING_UNUSED_ static double *masting_root_take(masting_arena *arena, int64_t count) {
  return masting_arena_take(arena, (size_t)count * sizeof(double));
}

/* The largest size of f, NaN where it has no value: maxima of components, as KINSOL's. */
MASTING_UNUSED_ static double masting_root_size(int64_t n, const double *f) {
  double size = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!(f[i] - f[i] == 0)) return NAN;
    if (d_abs(f[i]) > size) size = d_abs(f[i]);
  }
  return size;
}

/* value = f(x), its size. */
MASTING_UNUSED_ static double masting_root_at(masting_root *r, const double *x, double *value) {
  for (int64_t i = 0; i < r->n; i++) r->y[i] = v_all(x[i]);
  r->one.slopes(&r->one, v_all(0.0), r->y, r->p, r->f);
  masting_ode_first(r->n, r->f, value);
  return masting_root_size(r->n, value);
}

/* Element of the Jacobian at x that masting_root_slopes has made: columns are y, then p. */
MASTING_UNUSED_ static double masting_root_slope(const masting_root *r, int64_t i, int64_t column) {
  return v_get(r->rows[i / MASTING_LANES * (r->n + r->one.np) + column], (int)(i % MASTING_LANES));
}

MASTING_UNUSED_ static void masting_root_slopes(masting_root *r, const double *x) {
  for (int64_t i = 0; i < r->n; i++) r->y[i] = v_all(x[i]);
  r->one.jacobian(&r->one, v_all(0.0), r->y, r->p, r->f, r->rows);
}

/* The factor L U of df/dy as it was made last, rows exchanged. Returns whether it is regular. */
MASTING_UNUSED_ static int masting_root_factor(masting_root *r) {
  int64_t n = r->n;
  double *a = r->jacobian;
  int regular = 1;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) a[i * n + j] = masting_root_slope(r, i, j);
  for (int64_t k = 0; k < n; k++) {
    int64_t most = k;
    for (int64_t i = k + 1; i < n; i++)
      if (d_abs(a[i * n + k]) > d_abs(a[most * n + k])) most = i;
    r->pivot[k] = most;
    for (int64_t j = 0; most != k && j < n; j++) {
      double other = a[k * n + j];
      a[k * n + j] = a[most * n + j];
      a[most * n + j] = other;
    }
    if (!(d_abs(a[k * n + k]) > 0)) regular = 0;
    for (int64_t i = k + 1; i < n; i++) {
      double by = a[i * n + k] / a[k * n + k];
      a[i * n + k] = by;
      for (int64_t j = k + 1; j < n; j++) a[i * n + j] -= by * a[k * n + j];
    }
  }
  return regular;
}

/* b = (df/dy)^-1 b */
MASTING_UNUSED_ static void masting_root_solve(const masting_root *r, double *b) {
  int64_t n = r->n;
  const double *a = r->jacobian;
  for (int64_t k = 0; k < n; k++) {
    double other = b[r->pivot[k]];
    b[r->pivot[k]] = b[k];
    b[k] = other;
    for (int64_t i = k + 1; i < n; i++) b[i] -= a[i * n + k] * other;
  }
  for (int64_t k = n - 1; k >= 0; k--) {
    for (int64_t j = k + 1; j < n; j++) b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
}

/* Newton's steps from x on while f gets smaller; returns its size. */
MASTING_UNUSED_ static double masting_root_polish(masting_root *r) {
  int64_t n = r->n;
  double size = masting_root_at(r, r->x, r->value);
  for (int k = 0; k < 20 && size > 0; k++) {
    masting_root_slopes(r, r->x);
    if (!masting_root_factor(r)) break;
    masting_root_solve(r, r->value);
    for (int64_t i = 0; i < n; i++) r->step[i] = r->x[i] - r->value[i];
    double next = masting_root_at(r, r->step, r->value);
    if (!(next < size)) break;
    for (int64_t i = 0; i < n; i++) r->x[i] = r->step[i];
    size = next;
  }
  return size;
}

/* Root and sensitivities of a lane, from x. 0: there is one. */
MASTING_UNUSED_ static int masting_root_end(masting_root *r, int lane, vreal *y, vreal *sens) {
  int64_t n = r->n, np = r->one.np;
  if (!(masting_root_polish(r) <= r->ode->abs_tol)) return 1;
  for (int64_t i = 0; i < n; i++) y[i] = v_put(y[i], lane, r->x[i]);
  if (!sens || np == 0) return 0;
  masting_root_slopes(r, r->x);
  masting_root_factor(r);
  for (int64_t j = 0; j < np; j++) {
    for (int64_t i = 0; i < n; i++) r->step[i] = -masting_root_slope(r, i, n + j);
    masting_root_solve(r, r->step);
    for (int64_t i = 0; i < n; i++) sens[i * np + j] = v_put(sens[i * np + j], lane, r->step[i]);
  }
  return 0;
}

/* The chain's own guess and parameters. 0: all have values. */
MASTING_UNUSED_ static int masting_root_start(masting_root *r, int lane) {
  for (int64_t i = 0; i < r->n; i++) r->x[i] = v_get(r->ode->y0[i], lane);
  for (int64_t j = 0; j < r->one.np; j++) {
    r->p[j] = v_all(v_get(r->ode->p[j], lane));
    if (isnan(v_get(r->p[j], 0))) return 1;
  }
  return isnan(masting_root_size(r->n, r->x));
}

MASTING_UNUSED_ static masting_root masting_root_begin(masting_arena *arena,
                                                       const masting_ode *ode) {
  int64_t n = ode->n;
  masting_root r = {.ode = ode, .one = *ode, .n = n};
  r.one.spread = 1;
  r.y = masting_ode_take(arena, n);
  r.p = masting_ode_take(arena, ode->np);
  r.f = masting_ode_take(arena, n);
  r.rows = masting_ode_take(arena, (n + MASTING_LANES) * (n + ode->np));
  r.x = masting_root_take(arena, n);
  r.value = masting_root_take(arena, n);
  r.step = masting_root_take(arena, n);
  r.jacobian = masting_root_take(arena, n * n);
  r.pivot = masting_arena_take(arena, (size_t)n * sizeof(int64_t));
  return r;
}

/* Every lane by `find`, which takes x from the guess to near a root and returns 0 when it has got
 * there. */
MASTING_UNUSED_ static void masting_root_lanes(masting_root *r, void *method,
                                               int (*find)(masting_root *r, void *method), vreal *y,
                                               vreal *sens) {
  const masting_ode *ode = r->ode;
  for (int64_t i = 0; i < r->n; i++) y[i] = v_all(NAN);
  for (int64_t i = 0; sens && i < r->n * ode->np; i++) sens[i] = v_all(0.0);
  for (int lane = 0; r->n > 0 && lane < (ode->same ? 1 : MASTING_LANES); lane++)
    if (masting_root_start(r, lane) || find(r, method) || masting_root_end(r, lane, y, sens)) {
      for (int64_t i = 0; i < r->n; i++) y[i] = v_put(y[i], lane, NAN);
      if (ode->trouble)
        masting_trouble_note(ode->trouble,
                             "%s: no root of the equations; expected one near the guess, within "
                             "%.0f steps and with values of at most %g; try another guess, or "
                             "larger tolerances",
                             ode->where, ode->max_steps, ode->abs_tol);
    }
}

#endif
