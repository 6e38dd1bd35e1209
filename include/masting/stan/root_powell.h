/* masting/stan/root_powell.h -- roots by Powell's hybrid method: see root.h. Powell (1970, in
 * Numerical Methods for Nonlinear Algebraic Equations, ed. Rabinowitz): steps along the dogleg
 * between the steepest descent of |f|^2 and Newton's step, within a region in which the linear
 * model is trusted. Units and the region's rule are those of MINPACK's hybrj (More, Garbow and
 * Hillstrom 1980, ANL-80-74); the Jacobian is exact and new at every step.
 */
#ifndef MASTING_STAN_ROOT_POWELL_H
#define MASTING_STAN_ROOT_POWELL_H

#include <masting/stan/root.h>

typedef struct masting_powell {
  masting_root *r;
  double *j;                              /* [n, n] the Jacobian, row by row, in units of x */
  double *unit;                           /* [n] columns' norms, the largest so far */
  double *f, *next, *p, *g, *jg, *newton; /* [n]; p, g, newton in units */
  double radius, norm, xnorm;
} masting_powell;

MASTING_UNUSED_ static double masting_powell_norm(int64_t n, const double *v) {
  double largest = masting_root_size(n, v), sum = 0;
  if (!(largest > 0)) return largest;
  for (int64_t i = 0; i < n; i++) sum += (v[i] / largest) * (v[i] / largest);
  return largest * d_sqrt(sum);
}

/* y = J v */
MASTING_UNUSED_ static void masting_powell_times(const masting_powell *s, const double *v,
                                                 double *y) {
  int64_t n = s->r->n;
  for (int64_t i = 0; i < n; i++) {
    y[i] = 0;
    for (int64_t k = 0; k < n; k++) y[i] += s->j[i * n + k] * v[k];
  }
}

/* The linear model at x: Jacobian, units, Newton's step and the gradient. 0: it is finite. */
MASTING_UNUSED_ static int masting_powell_model(masting_powell *s, int first) {
  masting_root *r = s->r;
  int64_t n = r->n;
  masting_root_slopes(r, r->x);
  for (int64_t k = 0; k < n; k++) {
    for (int64_t i = 0; i < n; i++) s->g[i] = masting_root_slope(r, i, k);
    double size = masting_powell_norm(n, s->g);
    if (isnan(size)) return 1;
    if (first) s->unit[k] = size > 0 ? size : 1.0;
    if (size > s->unit[k]) s->unit[k] = size;
  }
  for (int64_t i = 0; i < n; i++) {
    s->newton[i] = -s->f[i];
    for (int64_t k = 0; k < n; k++) s->j[i * n + k] = masting_root_slope(r, i, k) / s->unit[k];
  }
  for (int64_t k = 0; k < n; k++) {
    s->g[k] = 0;
    for (int64_t i = 0; i < n; i++) s->g[k] -= s->j[i * n + k] * s->f[i];
  }
  int regular = masting_root_factor(r);
  masting_root_solve(r, s->newton);
  for (int64_t k = 0; k < n; k++) {
    s->newton[k] *= s->unit[k];
    if (!regular || !(s->newton[k] - s->newton[k] == 0)) s->newton[0] = NAN;
  }
  return 0;
}

/* The step p within the radius. */
MASTING_UNUSED_ static void masting_powell_dogleg(masting_powell *s) {
  int64_t n = s->r->n;
  double newton = masting_powell_norm(n, s->newton), gradient = masting_powell_norm(n, s->g);
  double along = 0, toward = 1;
  if (!(newton <= s->radius)) {
    masting_powell_times(s, s->g, s->jg);
    double steep = masting_powell_norm(n, s->jg);
    /* the minimum along the gradient, a length in units */
    double least = gradient > 0 ? gradient * (gradient / steep) * (gradient / steep) : 0;
    if (!(least < s->radius)) least = s->radius;
    along = gradient > 0 ? least / gradient : 0;
    toward = 0;
    if (least < s->radius && !isnan(newton)) { /* from there to Newton's step, up to the radius */
      double square = 0, product = 0;
      for (int64_t i = 0; i < n; i++) {
        double away = s->newton[i] - along * s->g[i];
        square += away * away;
        product += away * along * s->g[i];
      }
      double rest = (s->radius - least) * (s->radius + least);
      toward = rest / (product + d_sqrt(product * product + square * rest));
    }
  }
  for (int64_t i = 0; i < n; i++)
    s->p[i] =
        toward > 0 ? along * s->g[i] + toward * (s->newton[i] - along * s->g[i]) : along * s->g[i];
}

/* The radius after a step p with this ratio of what was gained to what the model promised; two
 * that gained little in a row count. */
MASTING_UNUSED_ static void masting_powell_trust(masting_powell *s, double ratio, double length,
                                                 int *good) {
  if (!(ratio >= 0.1)) {
    *good = 0;
    s->radius *= 0.5;
    return;
  }
  ++*good;
  if ((ratio >= 0.5 || *good > 1) && s->radius < 2.0 * length) s->radius = 2.0 * length;
  if (d_abs(ratio - 1.0) <= 0.1) s->radius = 2.0 * length;
}

MASTING_UNUSED_ static int masting_powell_find(masting_root *r, void *method) {
  masting_powell *s = method;
  int64_t n = r->n;
  int good = 0, slow = 0;
  masting_root_at(r, r->x, s->f);
  s->norm = masting_powell_norm(n, s->f);
  if (isnan(s->norm)) return 1;
  for (int64_t steps = 1; s->norm > 0; steps++) {
    if ((double)steps >= r->ode->max_steps || masting_powell_model(s, steps == 1)) return 1;
    for (int64_t i = 0; i < n; i++) s->jg[i] = s->unit[i] * r->x[i];
    s->xnorm = masting_powell_norm(n, s->jg);
    if (steps == 1) s->radius = s->xnorm > 0 ? 100.0 * s->xnorm : 100.0;
    masting_powell_dogleg(s);
    double length = masting_powell_norm(n, s->p);
    if (steps == 1 && length < s->radius) s->radius = length;
    masting_powell_times(s, s->p, s->jg);
    for (int64_t i = 0; i < n; i++) {
      s->jg[i] += s->f[i];
      s->p[i] = r->x[i] + s->p[i] / s->unit[i];
    }
    masting_root_at(r, s->p, s->next);
    double next = masting_powell_norm(n, s->next), model = masting_powell_norm(n, s->jg);
    double gain = next < s->norm ? 1.0 - (next / s->norm) * (next / s->norm) : -1.0;
    double promise = 1.0 - (model / s->norm) * (model / s->norm);
    double ratio = promise > 0 ? gain / promise : 0;
    masting_powell_trust(s, ratio, length, &good);
    if (ratio >= 1e-4)
      for (int64_t i = 0; i < n; i++) {
        r->x[i] = s->p[i];
        s->f[i] = s->next[i];
      }
    if (ratio >= 1e-4) s->norm = next;
    slow = gain >= 1e-3 ? 0 : slow + 1;
    if (s->radius <= r->ode->rel_tol * s->xnorm || slow == 50) break;
  }
  return 0;
}

MASTING_UNUSED_ static void masting_ode_powell(masting_arena *arena, const masting_ode *ode,
                                               vreal *y, vreal *sens) {
  masting_arena_state mark = masting_arena_mark(arena);
  masting_root r = masting_root_begin(arena, ode);
  masting_powell s = {.r = &r};
  double **list[] = {&s.unit, &s.f, &s.next, &s.p, &s.g, &s.jg, &s.newton};
  s.j = masting_root_take(arena, r.n * r.n);
  for (int k = 0; k < 7; k++) *list[k] = masting_root_take(arena, r.n);
  masting_root_lanes(&r, &s, masting_powell_find, y, sens);
  masting_arena_release(arena, mark);
}

#endif
