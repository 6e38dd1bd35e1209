/* optim/span_lanes.h -- body of span_w*.c: see span.h. */
#include <masting/lanes.h>

#include "optim/span.h"
#include "target/hot.h"

static inline vreal reals(const double *x) {
  vreal v;
  memcpy(&v, x, sizeof v);
  return v;
}
static inline vmask masks(const int64_t *x) {
  vmask v;
  memcpy(&v, x, sizeof v);
  return v;
}

/* The diagonal follows the pair (s, y): Gilbert and Lemarechal 1989, "Some numerical experiments
 * with variable-storage quasi-Newton algorithms", as in Zhang et al. 2022, algorithm 3. It stays
 * positive but for rounding. */
static inline vreal next_alpha(vreal alpha, vreal s, vreal y, const mst_move *m) {
  const vreal t = s / alpha,
              inverse = reals(m->a1) / alpha + reals(m->a2) * y * y - reals(m->a3) * t * t;
  const vreal next = v_all(1.0) / inverse;
  const vmask good = v_and(v_gt(next, v_all(1e-200)), v_lt(next, v_all(1e200)));
  return v_where(good, next, alpha);
}

static void take(const mst_span_state *s, const mst_move *m, int64_t at, int64_t n,
                 const double *from, const double *slope) {
  if (!m->any_accept) return;
  const vreal *trial = (const vreal *)from + at, *grad = (const vreal *)slope + at;
  vreal *x = (vreal *)s->x + at, *g = (vreal *)s->g + at, *alpha = (vreal *)s->alpha + at;
  const vmask accept = masks(m->accept);
  for (int k = 0; k < s->history; k++) {
    if (!m->any_into[k]) continue;
    const vmask into = masks(m->into[k]);
    vreal *to_s = (vreal *)s->s[k] + at, *to_y = (vreal *)s->y[k] + at;
    for (int64_t i = 0; i < n; i++) {
      const vreal ds = trial[i] - x[i], dy = -grad[i] - g[i];
      to_s[i] = v_where(into, ds, to_s[i]);
      to_y[i] = v_where(into, dy, to_y[i]);
      alpha[i] = v_where(into, next_alpha(alpha[i], ds, dy, m), alpha[i]);
    }
  }
  for (int64_t i = 0; i < n; i++) {
    x[i] = v_where(accept, trial[i], x[i]);
    g[i] = v_where(accept, -grad[i], g[i]);
  }
}

static void redirect(const mst_span_state *s, const mst_move *m, int64_t at, int64_t n) {
  const vreal *x = (const vreal *)s->x + at, *g = (const vreal *)s->g + at;
  vreal *p = (vreal *)s->p + at;
  const vmask turns = masks(m->redirect);
  const vreal g_part = reals(m->g_part), x_part = reals(m->x_part);
  for (int64_t i = 0; i < n; i++) p[i] = v_where(turns, g_part * g[i] + x_part * x[i], p[i]);
  for (int k = 0; k < s->history; k++) { /* lanes that do not turn have parts 0 */
    const vreal s_part = reals(m->s_part[k]), y_part = reals(m->y_part[k]);
    const vreal *from_s = (const vreal *)s->s[k] + at, *from_y = (const vreal *)s->y[k] + at;
    for (int64_t i = 0; i < n; i++) p[i] += s_part * from_s[i] + y_part * from_y[i];
  }
}

/* Trial points that are draws: see approx.h. */
static void draw(const mst_span_state *s, const mst_move *m, int64_t at, int64_t n, vreal *to) {
  const vreal *x = (const vreal *)s->x + at, *g = (const vreal *)s->g + at,
              *u = (const vreal *)s->u + at;
  const vreal *alpha = (const vreal *)s->alpha + at;
  const vmask drawn = masks(m->draw);
  for (int64_t i = 0; i < n; i++)
    to[i] = v_where(drawn, x[i] - alpha[i] * g[i] + v_sqrt(alpha[i]) * u[i], to[i]);
  for (int k = 0; k < s->history; k++) { /* lanes that do not draw have parts 0 */
    const vreal s_part = reals(m->draw_s[k]), y_part = reals(m->draw_y[k]);
    const vreal *from_s = (const vreal *)s->s[k] + at, *from_y = (const vreal *)s->y[k] + at;
    for (int64_t i = 0; i < n; i++) to[i] += s_part * from_s[i] + y_part * alpha[i] * from_y[i];
  }
}

static void aim(const mst_span_state *s, const mst_move *m, int64_t at, int64_t n, double *trial) {
  const vreal *x = (const vreal *)s->x + at, *p = (const vreal *)s->p + at;
  vreal *to = (vreal *)trial + at;
  const vreal step = reals(m->step);
  if (m->any_redirect) redirect(s, m, at, n);
  for (int64_t i = 0; i < n; i++) to[i] = x[i] + step * p[i];
  if (m->any_draw) draw(s, m, at, n, to);
}

/* Of the lanes that want them: others may be anywhere, and must not spoil their sums. */
static inline void add_dots(double *dot, int from, const vreal *sum, int count, vmask wanted) {
  for (int i = 0; i < count; i++) ((vreal *)dot)[from + i] += v_where(wanted, sum[i], v_all(0.0));
}

static void dots(const mst_span_state *s, const mst_move *m, int64_t at, int64_t n,
                 const double *trial, const double *grad, double *dot) {
  const vmask wanted = masks(m->want_dots);
  const vreal *x = (const vreal *)trial + at, *to = (const vreal *)grad + at;
  const vreal *g = (const vreal *)s->g + at, *p = (const vreal *)s->p + at;
  const vreal *alpha = (const vreal *)s->alpha + at;
  vreal sum[MST_DOTS];
  for (int i = 0; i < MST_DOTS; i++) sum[i] = v_all(0.0);
  for (int64_t i = 0; i < n; i++) {
    const vreal new = -to[i], y = new - g[i];
    sum[MST_DOT_GG] += new *new;
    sum[MST_DOT_GP] += new *p[i];
    sum[MST_DOT_GY] += new *y;
    sum[MST_DOT_YY] += y * y;
    sum[MST_DOT_YP] += y * p[i];
    sum[MST_DOT_PP] += p[i] * p[i];
    sum[MST_DOT_PG] += p[i] * g[i];
    sum[MST_DOT_XX] += x[i] * x[i];
    sum[MST_DOT_YAY] += y * y * alpha[i];
    sum[MST_DOT_PAP] += p[i] * p[i] / alpha[i];
  }
  add_dots(dot, 0, sum, MST_DOTS, wanted);
  for (int k = 0; k < s->history; k++) {
    const vreal *old_s = (const vreal *)s->s[k] + at, *old_y = (const vreal *)s->y[k] + at;
    for (int i = 0; i < MST_SLOT_DOTS; i++) sum[i] = v_all(0.0);
    for (int64_t i = 0; i < n; i++) {
      const vreal new = -to[i], y = new - g[i];
      sum[MST_SLOT_SG] += old_s[i] * new;
      sum[MST_SLOT_YG] += old_y[i] * new;
      sum[MST_SLOT_SY] += old_s[i] * y;
      sum[MST_SLOT_YY] += old_y[i] * y;
      sum[MST_SLOT_SP] += old_s[i] * p[i];
      sum[MST_SLOT_YP] += old_y[i] * p[i];
    }
    add_dots(dot, mst_slot_dot(k, 0), sum, MST_SLOT_DOTS, wanted);
  }
}

static void approx(const mst_span_state *s, const mst_move *m, int64_t at, int64_t n, double *dot) {
  const vreal *alpha = (const vreal *)s->alpha + at, *g = (const vreal *)s->g + at;
  const vreal *u = (const vreal *)s->u + at;
  const vmask wanted = masks(m->want_approx);
  vreal sum[MST_APPROX_SLOT];
  if (!m->any_approx) return;
  sum[MST_APPROX_LOG_ALPHA] = sum[MST_APPROX_UU] = v_all(0.0);
  for (int64_t i = 0; i < n; i++) {
    sum[MST_APPROX_LOG_ALPHA] += v_log(alpha[i]);
    sum[MST_APPROX_UU] += u[i] * u[i];
  }
  add_dots(dot, 0, sum, MST_APPROX_FIXED, wanted);
  for (int k = 0; k < s->history; k++) {
    const vreal *sk = (const vreal *)s->s[k] + at, *yk = (const vreal *)s->y[k] + at;
    for (int i = 0; i < MST_APPROX_SLOT; i++) sum[i] = v_all(0.0);
    for (int64_t i = 0; i < n; i++) {
      const vreal root = v_sqrt(alpha[i]);
      sum[MST_APPROX_SLOT_YAG] += yk[i] * alpha[i] * g[i];
      sum[MST_APPROX_SLOT_YU] += yk[i] * root * u[i];
      sum[MST_APPROX_SLOT_SU] += sk[i] / root * u[i];
    }
    add_dots(dot, mst_approx_slot(k, 0), sum, MST_APPROX_SLOT, wanted);
    for (int l = k; l < s->history; l++) {
      const vreal *sl = (const vreal *)s->s[l] + at, *yl = (const vreal *)s->y[l] + at;
      sum[0] = sum[1] = v_all(0.0);
      for (int64_t i = 0; i < n; i++) {
        sum[0] += yk[i] * alpha[i] * yl[i];
        sum[1] += sk[i] * sl[i] / alpha[i];
      }
      add_dots(dot, mst_approx_pair(s->history, k, l), sum, 2, wanted);
    }
  }
}

extern const mst_span_hot MST_HOT_NAME(mst_span_hot_);
const mst_span_hot MST_HOT_NAME(mst_span_hot_) = {take, aim, dots, approx};
