/* masting/stan/ode_rk.h -- explicit Runge-Kutta solvers: see ode.h.
 *
 * Lanes advance together, each from its own time by its own step; a lane that has come to its
 * last time stands still. Steps are controlled as Stan's are, with error per step
 *
 *   max over components of |error| / (abs_tol + rel_tol (|x| + |h x'|))
 *
 * which must not exceed 1; the first step is 0.1. So a solve makes the steps that Stan makes,
 * and agrees with it far beyond the tolerance. Tableaus: Dormand and Prince 1980, J. Comp. Appl.
 * Math. 6(1), with the continuous extension in Hairer, Norsett and Wanner 1993, "Solving
 * Ordinary Differential Equations I", II.6; Cash and Karp 1990, ACM TOMS 16(3).
 */
#ifndef MASTING_STAN_ODE_RK_H
#define MASTING_STAN_ODE_RK_H

#include <masting/stan/ode.h>

#define MASTING_RK_STAGES 7

typedef struct masting_rk_method {
  int stages;
  /* the last stage is the slope at the end, and there is an interpolant: steps pass over times */
  int dense;
  double c[MASTING_RK_STAGES], a[MASTING_RK_STAGES][MASTING_RK_STAGES], b[MASTING_RK_STAGES],
      e[MASTING_RK_STAGES]; /* weights of the result, and of its error */
} masting_rk_method;

static const masting_rk_method masting_rk_dopri MASTING_UNUSED_ = {
    .stages = 7,
    .dense = 1,
    .c = {0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1},
    .a = {{0},
          {1.0 / 5},
          {3.0 / 40, 9.0 / 40},
          {44.0 / 45, -56.0 / 15, 32.0 / 9},
          {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
          {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
          {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}},
    .b = {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84, 0},
    .e = {35.0 / 384 - 5179.0 / 57600, 0, 500.0 / 1113 - 7571.0 / 16695, 125.0 / 192 - 393.0 / 640,
          -2187.0 / 6784 + 92097.0 / 339200, 11.0 / 84 - 187.0 / 2100, -1.0 / 40}};

static const masting_rk_method masting_rk_cash_karp MASTING_UNUSED_ = {
    .stages = 6,
    .c = {0, 1.0 / 5, 3.0 / 10, 3.0 / 5, 1, 7.0 / 8},
    .a = {{0},
          {1.0 / 5},
          {3.0 / 40, 9.0 / 40},
          {3.0 / 10, -9.0 / 10, 6.0 / 5},
          {-11.0 / 54, 5.0 / 2, -70.0 / 27, 35.0 / 27},
          {1631.0 / 55296, 175.0 / 512, 575.0 / 13824, 44275.0 / 110592, 253.0 / 4096}},
    .b = {37.0 / 378, 0, 250.0 / 621, 125.0 / 594, 0, 512.0 / 1771},
    .e = {37.0 / 378 - 2825.0 / 27648, 0, 250.0 / 621 - 18575.0 / 48384,
          125.0 / 594 - 13525.0 / 55296, -277.0 / 14336, 512.0 / 1771 - 1.0 / 4}};

/* Weights of the slopes at the fraction x of a step of Dormand and Prince. */
MASTING_UNUSED_ static void masting_rk_dense(double x, double w[MASTING_RK_STAGES]) {
  const double *b = masting_rk_dopri.b;
  double up = x * x * (3 - 2 * x), end = x * x * (x - 1), both = end * (x - 1);
  w[0] = up * b[0] + x * (x - 1) * (x - 1) -
         both * 5 * (2558722523.0 - 31403016.0 * x) / 11282082432.0;
  w[1] = 0;
  w[2] = up * b[2] + both * 100 * (882725551.0 - 15701508.0 * x) / 32700410799.0;
  w[3] = up * b[3] - both * 25 * (443332067.0 - 31403016.0 * x) / 1880347072.0;
  w[4] = up * b[4] + both * 32805 * (23143187.0 - 3489224.0 * x) / 199316789632.0;
  w[5] = up * b[5] - both * 55 * (29972135.0 - 7076736.0 * x) / 822651844.0;
  w[6] = end + both * 10 * (7414447.0 - 829305.0 * x) / 29380423.0;
}

typedef struct masting_rk {
  const masting_ode *ode;
  const masting_rk_method *method;
  masting_arena *arena;
  int64_t carried, total; /* columns; components: n (1 + carried), states first, then row by row */
  vreal *x, *next, *error, *k[MASTING_RK_STAGES], *rows;
  vreal t, h, steps;
  vmask active;
  int64_t at[MASTING_LANES]; /* the next time of each lane */
  vreal *y, *sens;
} masting_rk;

/* Slopes of states and sensitivities: S' = (df/dy) S + df/dp. */
MASTING_UNUSED_ static void masting_rk_slopes(const masting_rk *r, vreal t, const vreal *x,
                                              vreal *dx) {
  const masting_ode *ode = r->ode;
  int64_t n = ode->n, m = r->carried, width = n + ode->np;
  if (m == 0) {
    ode->slopes(ode, t, x, ode->p, dx);
    return;
  }
  ode->jacobian(ode, t, x, ode->p, dx, r->rows);
  for (int64_t i = 0; i < n; i++) {
    vreal *to = dx + n + i * m;
    const vreal *row = r->rows + i * width;
    for (int64_t j = 0; j < ode->ny; j++) to[j] = v_all(0.0);
    for (int64_t j = ode->ny; j < m; j++) to[j] = row[n + j - ode->ny];
    for (int64_t l = 0; l < n; l++) {
      const vreal *from = x + n + l * m, w = row[l];
      for (int64_t j = 0; j < m; j++) to[j] += w * from[j];
    }
  }
}

/* One step by h, its error; and the largest, in units of the tolerance. */
MASTING_UNUSED_ static vreal masting_rk_try(masting_rk *r, vreal h) {
  const masting_rk_method *f = r->method;
  for (int s = 1; s < f->stages; s++) {
    for (int64_t i = 0; i < r->total; i++) {
      vreal sum = v_all(0.0);
      for (int j = 0; j < s; j++)
        if (f->a[s][j] != 0) sum += f->a[s][j] * r->k[j][i];
      r->next[i] = r->x[i] + h * sum;
    }
    masting_rk_slopes(r, r->t + f->c[s] * h, r->next, r->k[s]);
  }
  vreal worst = v_all(0.0), bound = v_all(r->ode->abs_tol);
  for (int64_t i = 0; i < r->total; i++) {
    vreal sum = v_all(0.0), error = v_all(0.0);
    for (int j = 0; j < f->stages; j++) {
      if (f->b[j] != 0) sum += f->b[j] * r->k[j][i];
      if (f->e[j] != 0) error += f->e[j] * r->k[j][i];
    }
    r->next[i] = r->x[i] + h * sum;
    vreal scale = bound + r->ode->rel_tol * (v_abs(r->x[i]) + v_abs(h * r->k[0][i]));
    error = v_abs(h * error) / scale;
    error = v_where(v_isnan(error), v_all(INFINITY), error); /* NaN: too long a step */
    worst = v_where(v_gt(error, worst), error, worst);
  }
  return worst;
}

/* x^(-1/order), for 0 < x */
static inline vreal masting_rk_root(vreal x, double order) {
  return v_exp(v_log(x) * (-1 / order));
}

/* What h becomes after a step with this error. */
MASTING_UNUSED_ static vreal masting_rk_next_step(vreal h, vreal error) {
  vreal big = v_where(v_gt(error, v_all(1.0)), error, v_all(1.0));
  vreal shrink = 0.9 * masting_rk_root(big, 3), fifth = v_all(0.2);
  shrink = v_where(v_lt(shrink, fifth), fifth, shrink);
  vreal least = v_all(1.0 / 3125), small = v_where(v_gt(error, least), error, least);
  vreal grow = v_where(v_lt(error, v_all(0.5)), 0.9 * masting_rk_root(small, 5), v_all(1.0));
  return h * v_where(v_gt(error, v_all(1.0)), shrink, grow);
}

/* A component of one lane at one of its times. */
MASTING_UNUSED_ static inline void masting_rk_put(masting_rk *r, int64_t k, int64_t i, int lane,
                                                  double value) {
  int64_t n = r->ode->n, columns = masting_ode_columns(r->ode);
  vreal *to = &r->y[k * n + (i < n ? i : 0)];
  if (i >= n) to = &r->sens[(k * n + (i - n) / r->carried) * columns + (i - n) % r->carried];
  *to = v_put(*to, lane, value);
}

/* All times of a lane that the step from r->t to t has passed; weights: of the slopes, or only
 * its end. */
MASTING_UNUSED_ static void masting_rk_output(masting_rk *r, int lane, double h, double t) {
  const masting_ode *ode = r->ode;
  double w[MASTING_RK_STAGES];
  for (int64_t *k = &r->at[lane]; *k < ode->nt && v_get(ode->ts[*k], lane) <= t; ++*k) {
    double x = (v_get(ode->ts[*k], lane) - v_get(r->t, lane)) / h;
    if (r->method->dense) masting_rk_dense(x, w);
    for (int64_t i = 0; i < r->total; i++) {
      double sum = 0;
      for (int j = 0; r->method->dense && j < r->method->stages; j++)
        sum += w[j] * v_get(r->k[j][i], lane);
      masting_rk_put(r, *k, i, lane,
                     r->method->dense ? v_get(r->x[i], lane) + h * sum : v_get(r->next[i], lane));
    }
    r->steps = v_put(r->steps, lane, 0);
  }
  if (r->at[lane] == ode->nt) r->active = v_bits(v_put(v_from_bits(r->active), lane, 0.0));
}

/* The time that a lane's step may not go beyond: its last, or without an interpolant its next. */
MASTING_UNUSED_ static vreal masting_rk_limit(const masting_rk *r) {
  const masting_ode *ode = r->ode;
  if (r->method->dense) return ode->ts[ode->nt - 1];
  vreal limit = v_all(0.0);
  for (int c = 0; c < MASTING_LANES; c++) {
    int64_t k = r->at[c] < ode->nt ? r->at[c] : ode->nt - 1;
    limit = v_put(limit, c, v_get(ode->ts[k], c));
  }
  return limit;
}

MASTING_UNUSED_ static void masting_rk_step(masting_rk *r) {
  vreal limit = masting_rk_limit(r), rest = limit - r->t;
  vmask cut = r->method->dense ? v_gt(r->t + r->h, limit) : v_gt(r->h, rest);
  vreal h = v_where(r->active, v_where(cut, rest, r->h), v_all(0.0));
  vreal error = masting_rk_try(r, h), proposed = masting_rk_next_step(h, error);
  vmask good = r->active & v_le(error, v_all(1.0)), end = v_and(good, cut);
  vreal t = v_where(good, v_where(end, limit, r->t + h), r->t);
  r->steps += v_where(r->active, v_all(1.0), v_all(0.0));
  vmask stuck = r->active & v_or(v_eq(r->t + h, r->t), v_gt(r->steps, v_all(r->ode->max_steps)));
  for (int c = 0; c < MASTING_LANES; c++) {
    if (v_get(v_where(good, v_all(1.0), v_all(0.0)), c) != 0)
      masting_rk_output(r, c, v_get(h, c), v_get(t, c));
  }
  for (int c = 0; v_any(stuck & r->active) && c < MASTING_LANES; c++)
    if (v_get(v_where(stuck & r->active, v_all(1.0), v_all(0.0)), c) != 0)
      masting_ode_fail(r->ode, c, r->y);
  r->active &= v_not(stuck);
  if (!r->method->dense) /* a step cut at a time says little about the next */
    proposed = v_where(v_and(good, v_gt(r->h, proposed)), r->h, proposed);
  r->h = v_where(r->active, proposed, r->h);
  r->t = t;
  for (int64_t i = 0; i < r->total; i++) {
    r->x[i] = v_where(good, r->next[i], r->x[i]);
    if (r->method->dense) r->k[0][i] = v_where(good, r->k[r->method->stages - 1][i], r->k[0][i]);
  }
  if (!r->method->dense && v_any(r->active)) masting_rk_slopes(r, r->t, r->x, r->k[0]);
}

MASTING_UNUSED_ static void masting_rk_solve(masting_arena *arena, const masting_ode *ode,
                                             const masting_rk_method *method, vreal *y,
                                             vreal *sens) {
  masting_arena_state mark = masting_arena_mark(arena);
  int64_t n = ode->n, carried = sens ? masting_ode_carried(ode) : 0, total = n * (1 + carried);
  masting_rk r = {.ode = ode,
                  .method = method,
                  .arena = arena,
                  .carried = carried,
                  .total = total,
                  .t = *ode->t0,
                  .h = v_all(0.1),
                  .steps = v_all(0.0),
                  .y = y,
                  .sens = sens};
  masting_ode_begin(ode, y, sens);
  if (ode->nt == 0 || n == 0) return;
  r.active = masting_ode_sane(ode);
  r.x = masting_ode_take(arena, total);
  r.next = masting_ode_take(arena, total);
  for (int s = 0; s < method->stages; s++) r.k[s] = masting_ode_take(arena, total);
  r.rows = masting_ode_take(arena, n * (n + ode->np));
  for (int64_t i = 0; i < n; i++) r.x[i] = ode->y0[i];
  for (int64_t i = 0; i < n * carried; i++)
    r.x[n + i] = v_all(ode->ny && i % carried == i / carried ? 1.0 : 0.0);
  for (int64_t i = 0; i < n; i++) r.active &= v_not(v_isnan(ode->y0[i]));
  for (int64_t i = 0; i < ode->np; i++) r.active &= v_not(v_isnan(ode->p[i]));
  masting_rk_slopes(&r, r.t, r.x, r.k[0]);
  while (v_any(r.active)) masting_rk_step(&r);
  masting_ode_times(arena, ode, y, sens);
  masting_arena_release(arena, mark);
}

MASTING_UNUSED_ static void masting_ode_rk45(masting_arena *arena, const masting_ode *ode, vreal *y,
                                             vreal *sens) {
  masting_rk_solve(arena, ode, &masting_rk_dopri, y, sens);
}

MASTING_UNUSED_ static void masting_ode_ckrk(masting_arena *arena, const masting_ode *ode, vreal *y,
                                             vreal *sens) {
  masting_rk_solve(arena, ode, &masting_rk_cash_karp, y, sens);
}

#endif
