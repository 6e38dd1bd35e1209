/* masting/stan/hypergeometric.h -- generalised hypergeometric functions with their derivatives by
 * every parameter and by z, as a routine of linalg.h:
 *
 *   pFq(a; b; z) = sum over k of prod (a_i)_k / prod (b_j)_k z^k / k!      DLMF 16.2.1
 *
 * The series is summed in pairs of doubles, 32 digits, so that some 18 may cancel; where more do,
 * the result is NaN. Of p = q + 1, where the series is slow: at z = 1 the partial sums of n, 2n,
 * 4n ... terms are extrapolated (Richardson; the tail goes as n^s, n^(s-1) ..., s = sum a - sum b,
 * its derivatives as these times log n); for z < -1/2 consecutive partial sums are averaged again
 * and again (Euler). 2F1 of z < -1/2 is Pfaff's, DLMF 15.8.1, and 1F1 of z < 0 Kummer's, DLMF
 * 13.2.39. Outside the domain (|z| > 1, or z = 1 and s >= 0, where p = q + 1; p > q + 1) it is NaN,
 * unless the series ends; what then has no value is the derivative by the parameter that ends it.
 */
#ifndef MASTING_STAN_HYPERGEOMETRIC_H
#define MASTING_STAN_HYPERGEOMETRIC_H

#include <masting/stan/arena.h>
#include <masting/stan/special.h>

#define MASTING_HYPER_TERMS_ 1000000
#define MASTING_HYPER_FAR_ static __attribute__((noinline, unused))

/* ---- pairs of doubles: Dekker 1971 (Numer. Math. 18, 224-242) */

typedef struct masting_pair_ {
  double high, low;
} masting_pair_;

static inline masting_pair_ masting_pair_sum_(double a, double b) {
  double s = a + b, t = s - a;
  return (masting_pair_){s, (a - (s - t)) + (b - t)};
}
static inline masting_pair_ masting_pair_add_(masting_pair_ a, masting_pair_ b) {
  masting_pair_ s = masting_pair_sum_(a.high, b.high);
  return masting_pair_sum_(s.high, s.low + (a.low + b.low));
}
static inline masting_pair_ masting_pair_times_(masting_pair_ a, masting_pair_ b) {
  double p = a.high * b.high, e = __builtin_fma(a.high, b.high, -p);
  return masting_pair_sum_(p, e + (a.high * b.low + a.low * b.high));
}
static inline masting_pair_ masting_pair_over_(masting_pair_ a, masting_pair_ b) {
  double q = a.high / b.high;
  masting_pair_ r = masting_pair_times_(b, (masting_pair_){-q, 0});
  r = masting_pair_add_(a, r);
  return masting_pair_sum_(q, (r.high + r.low) / b.high);
}

/* ---- the series */

/* Components: the value, and with derivatives those by a, by b, by z. */
typedef struct masting_hyper_ {
  int p, q, m; /* m: components, 1 or p + q + 2 */
  const double *a, *b;
  double z;
  masting_pair_ *term, *sum; /* [m] */
  double most;               /* the largest term */
  double ratio;              /* of the last two terms */
} masting_hyper_;

/* Adds term k, which the next one takes the place of. */
MASTING_HYPER_FAR_ void masting_hyper_step_(masting_hyper_ *h, double k) {
  int p = h->p, q = h->q;
  masting_pair_ old = h->term[0], ratio = {h->z, 0}, plain = {1, 0};
  for (int c = 0; c < h->m; c++) h->sum[c] = masting_pair_add_(h->sum[c], h->term[c]);
  if (d_abs(old.high) > h->most) h->most = d_abs(old.high);
  for (int i = 0; i < p; i++) plain = masting_pair_times_(plain, masting_pair_sum_(h->a[i], k));
  for (int j = 0; j < q; j++) plain = masting_pair_over_(plain, masting_pair_sum_(h->b[j], k));
  plain = masting_pair_over_(plain, (masting_pair_){k + 1, 0});
  ratio = masting_pair_times_(plain, ratio);
  h->ratio = d_abs(ratio.high);
  h->term[0] = masting_pair_times_(old, ratio);
  for (int c = 1; c < h->m; c++) {
    masting_pair_ by; /* the derivative of ratio */
    if (c <= p && h->a[c - 1] + k == 0) {
      by = masting_pair_over_((masting_pair_){h->z, 0}, (masting_pair_){k + 1, 0});
      for (int i = 0; i < p; i++)
        if (i != c - 1) by = masting_pair_times_(by, masting_pair_sum_(h->a[i], k));
      for (int j = 0; j < q; j++) by = masting_pair_over_(by, masting_pair_sum_(h->b[j], k));
    } else if (c <= p) {
      by = masting_pair_over_(ratio, masting_pair_sum_(h->a[c - 1], k));
    } else if (c <= p + q) {
      by = masting_pair_over_(ratio, masting_pair_sum_(h->b[c - 1 - p], k));
      by = (masting_pair_){-by.high, -by.low};
    } else {
      by = plain;
    }
    h->term[c] =
        masting_pair_add_(masting_pair_times_(h->term[c], ratio), masting_pair_times_(old, by));
  }
}

/* Whether what is left of all components is nothing beside them. */
static inline int masting_hyper_done_(const masting_hyper_ *h, double k, double from) {
  if (k < from || !(h->ratio < 1)) return 0;
  for (int c = 0; c < h->m; c++)
    if (d_abs(h->term[c].high) > 1e-18 * (1.0 - h->ratio) * d_abs(h->sum[c].high)) return 0;
  return 1;
}

/* Partial sums of n, 2n, 4n ... terms, without the parts that go as n^s, n^(s-1), ... and those
 * times log n. value: [m]. */
MASTING_HYPER_FAR_ void masting_hyper_at_1_(masting_hyper_ *h, double from, double s,
                                            double *value) {
  enum { LEVELS = 10 };
  masting_pair_ table[LEVELS];
  double k = 0, n = d_ceil(from) + 32;
  masting_pair_ *kept = __builtin_alloca((size_t)h->m * LEVELS * sizeof *kept);
  for (int level = 0; level < LEVELS; level++, n *= 2) {
    for (; k < n; k++) masting_hyper_step_(h, k);
    for (int c = 0; c < h->m; c++) kept[c * LEVELS + level] = h->sum[c];
  }
  for (int c = 0; c < h->m; c++) {
    int left = LEVELS, by_z = c == h->p + h->q + 1, twice = c > 0 && !by_z;
    double power = by_z ? s + 1 : s;
    for (int level = 0; level < LEVELS; level++) table[level] = kept[c * LEVELS + level];
    double before = 0;
    for (int round = 0; left > 1; round++) {
      before = table[left - 1].high;
      double by = d_exp2(power - (twice ? round / 2 : round));
      left--;
      for (int level = 0; level < left; level++) {
        masting_pair_ last = masting_pair_times_(table[level], (masting_pair_){-by, 0});
        table[level] = masting_pair_over_(masting_pair_add_(table[level + 1], last),
                                          masting_pair_sum_(1, -by));
      }
    }
    double f = table[0].high + table[0].low;
    value[c] = power < 0 && d_abs(f - before) <= 1e-9 * d_abs(f) ? f : NAN;
  }
}

/* Averages of averages of the partial sums from `from` on. */
MASTING_HYPER_FAR_ void masting_hyper_alternating_(masting_hyper_ *h, double from, double *value) {
  enum { SUMS = 64 };
  masting_pair_ table[SUMS], half = {0.5, 0};
  masting_pair_ *kept = __builtin_alloca((size_t)h->m * SUMS * sizeof *kept);
  double k = 0;
  for (; k < from + 64; k++) masting_hyper_step_(h, k);
  for (int i = 0; i < SUMS; i++, k++) {
    masting_hyper_step_(h, k);
    for (int c = 0; c < h->m; c++) kept[c * SUMS + i] = h->sum[c];
  }
  for (int c = 0; c < h->m; c++) {
    for (int i = 0; i < SUMS; i++) table[i] = kept[c * SUMS + i];
    for (int left = SUMS - 1; left > 0; left--)
      for (int i = 0; i < left; i++)
        table[i] = masting_pair_times_(masting_pair_add_(table[i], table[i + 1]), half);
    value[c] = table[0].high + table[0].low;
  }
}

/* The series, value[m]: 1, or p + q + 2. */
MASTING_HYPER_FAR_ void masting_hyper_series_(int p, int q, const double *a, const double *b,
                                              double z, int m, double *value) {
  masting_pair_ *room = __builtin_alloca(2 * (size_t)m * sizeof *room);
  masting_hyper_ h = {p, q, m, a, b, z, room, room + m, 0, 0};
  double from = 2, s = 0, ends = INFINITY;
  int sane = z - z == 0;
  for (int c = 0; c < m; c++) h.term[c] = h.sum[c] = (masting_pair_){c == 0, 0};
  h.sum[0].high = 0;
  for (int i = 0; i < p; i++) {
    sane &= a[i] - a[i] == 0;
    s += a[i];
    if (1 - a[i] > from) from = 1 - a[i];
    if (a[i] <= 0 && a[i] == d_floor(a[i]) && -a[i] < ends) ends = -a[i];
  }
  for (int j = 0; j < q; j++) {
    sane &= b[j] - b[j] == 0 && !(b[j] <= 0 && b[j] == d_floor(b[j]) && -b[j] < ends);
    s -= b[j];
    if (1 - b[j] > from) from = 1 - b[j];
  }
  for (int c = 0; c < m; c++) value[c] = NAN;
  if (!sane || from > MASTING_HYPER_TERMS_) return;
  int inside = p <= q || z == 0 || (p == q + 1 && (d_abs(z) < 1 || (d_abs(z) == 1 && s < 0)));
  if (inside && p == q + 1 && z == 1 && ends == INFINITY) {
    masting_hyper_at_1_(&h, from, s, value);
  } else if (inside && p == q + 1 && z < -0.5 && ends == INFINITY) {
    masting_hyper_alternating_(&h, from, value);
  } else if (inside || ends < INFINITY) {
    double k = 0, last = inside ? MASTING_HYPER_TERMS_ : ends + 1;
    do masting_hyper_step_(&h, k++);
    while (k < last && !masting_hyper_done_(&h, k, from));
    int done = masting_hyper_done_(&h, k, from);
    for (int c = 0; c < m; c++) {
      int endless = c > 0 && c <= p && a[c - 1] <= 0 && a[c - 1] == d_floor(a[c - 1]);
      if (done || (ends < INFINITY && k > ends && !endless))
        value[c] = h.sum[c].high + h.sum[c].low;
    }
  }
  if (!(h.most * 0x1p-100 <= 1e-11 * d_abs(value[0])))
    for (int c = 0; c < m; c++) value[c] = NAN;
}

/* ---- transformed where the series is slow or cancels */

/* 1F1(a; b; z) = e^z 1F1(b - a; b; -z) */
MASTING_HYPER_FAR_ void masting_hyper_kummer_(double a, double b, double z, int m, double *value) {
  double other = b - a, f[4];
  masting_hyper_series_(1, 1, &other, &b, -z, m, f);
  double e = d_exp(z);
  value[0] = e * f[0];
  if (m == 1) return;
  value[1] = -e * f[1];
  value[2] = e * (f[1] + f[2]);
  value[3] = e * (f[0] - f[3]);
}

/* 2F1(a, b; c; z) = (1 - z)^-b 2F1(c - a, b; c; z / (z - 1)) */
MASTING_HYPER_FAR_ void masting_hyper_pfaff_(const double *a, double c, double z, int m,
                                             double *value) {
  double other[] = {c - a[0], a[1]}, f[5], rest = 1 - z, l = d_log1p(-z);
  masting_hyper_series_(2, 1, other, &c, z / (z - 1), m, f);
  double e = d_exp(-a[1] * l);
  value[0] = e * f[0];
  if (m == 1) return;
  value[1] = -e * f[1];
  value[2] = e * (f[2] - l * f[0]);
  value[3] = e * (f[1] + f[3]);
  value[4] = e * (a[1] * f[0] - f[4] / rest) / rest;
}

MASTING_HYPER_FAR_ void masting_hyper_of_(int p, int q, const double *a, const double *b, double z,
                                          int m, double *value) {
  int ends = 0;
  for (int i = 0; i < p; i++) ends |= a[i] <= 0 && a[i] == d_floor(a[i]);
  if (p == 1 && q == 1 && z < 0 && !ends)
    masting_hyper_kummer_(a[0], b[0], z, m, value);
  else if (p == 2 && q == 1 && z < -0.5 && !ends)
    masting_hyper_pfaff_(a, b[0], z, m, value);
  else
    masting_hyper_series_(p, q, a, b, z, m, value);
}

/* ---- the routine: y[1] of a[p], b[q], z[1] */

__attribute__((unused)) static void d_hypergeometric_series(masting_arena *arena, int p, int q,
                                                            const double *a, const double *b,
                                                            const double *z, double *y) {
  (void)arena;
  masting_hyper_of_(p, q, a, b, *z, 1, y);
}

/* A lane's arguments, and all of its derivatives or the value alone. */
MASTING_HYPER_FAR_ void masting_hyper_lane_(masting_arena *arena, int p, int q, const vreal *a,
                                            const vreal *b, const vreal *z, int lane, int m,
                                            double *value) {
  masting_arena_state mark = masting_arena_mark(arena);
  double *one = masting_arena_take(arena, (size_t)(p + q) * sizeof *one);
  for (int i = 0; i < p; i++) one[i] = v_get(a[i], lane);
  for (int j = 0; j < q; j++) one[p + j] = v_get(b[j], lane);
  masting_hyper_of_(p, q, one, one + p, v_get(*z, lane), m, value);
  masting_arena_release(arena, mark);
}

__attribute__((unused)) static void v_hypergeometric_series(masting_arena *arena, int p, int q,
                                                            const vreal *a, const vreal *b,
                                                            const vreal *z, vreal *y) {
  *y = v_all(NAN);
  for (int lane = 0; lane < MASTING_LANES; lane++) {
    double value;
    masting_hyper_lane_(arena, p, q, a, b, z, lane, 1, &value);
    *y = v_put(*y, lane, value);
  }
}

__attribute__((unused)) static void v_hypergeometric_series_adj(masting_arena *arena, int p, int q,
                                                                const vreal *a, const vreal *b,
                                                                const vreal *z, const vreal *y,
                                                                const vreal *y_adj, vreal *a_adj,
                                                                vreal *b_adj, vreal *z_adj) {
  int m = p + q + 2;
  masting_arena_state mark = masting_arena_mark(arena);
  double *value = masting_arena_take(arena, (size_t)m * sizeof *value);
  (void)y;
  for (int lane = 0; lane < MASTING_LANES; lane++) {
    masting_hyper_lane_(arena, p, q, a, b, z, lane, m, value);
    for (int c = 1; c < m; c++) {
      vreal *to = c <= p       ? a_adj ? a_adj + c - 1 : NULL
                  : c <= p + q ? b_adj ? b_adj + c - 1 - p : NULL
                               : z_adj;
      if (to) *to = v_put(*to, lane, v_get(*to, lane) + value[c] * v_get(*y_adj, lane));
    }
  }
  masting_arena_release(arena, mark);
}

#endif
