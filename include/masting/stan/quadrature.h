/* masting/stan/quadrature.h -- integrals by double exponential rules: see integrand.h.
 *
 * Takahasi and Mori (1974, Publ. RIMS 9, 721-741). A change of variable makes the integrand vanish
 * doubly exponentially, and the trapezoidal rule does the rest; its step h is halved until two
 * sums agree. With s = pi/2 sinh(u):
 *   finite      x = middle + half tanh(s)      (tanh-sinh)
 *   half        x = limit +- exp(s)            (exp-sinh)
 *   infinite    x = sinh(s)                    (sinh-sinh)
 * As in Stan, an interval with 0 inside is two, unless it is infinite to both sides. Each lane has
 * its own rule, its own ends in u (where terms vanish, or f has no value any more) and stops on its
 * own.
 */
#ifndef MASTING_STAN_QUADRATURE_H
#define MASTING_STAN_QUADRATURE_H

#include <masting/stan/integrand.h>

#define MASTING_DE_FIRST 0.25 /* the first step h */
#define MASTING_DE_COUNT 24   /* terms of the first sum on either side: |u| <= 6 */
#define MASTING_DE_DEEPEST 18
#define MASTING_DE_EMPTY                                                                           \
  8 /* an integral that is 0 is believed from h = 2^-8 on: f may be a narrow peak */

/* A piece of an interval in u. Sides: 0 below 0, 1 above. */
typedef struct masting_de {
  masting_integrand g;
  vreal lower, upper;
  vmask finite, up, down, both, complement; /* lanes by rule; those with an xc */
  vmask active, good;
  vreal end[2], bad[2]; /* |u| of the last term, and of the first without a value */
  vreal *f;             /* [m] a term */
  vreal *sum, *norm;    /* [m] so far, without h */
  vreal *value, *size;  /* [m] the integral of the last step h, and that of the absolute value */
  vreal *last[2];       /* [m] the outermost term on either side */
} masting_de;

/* f and its weight at u: a term. Returns the lanes in which it has a value. */
MASTING_UNUSED_ static vmask masting_de_term(masting_de *d, double u, vreal *f) {
  double s = 1.5707963267948966 * d_sinh(u), slope = 1.5707963267948966 * d_cosh(u);
  double q = d_exp(-2.0 * d_abs(s)), c = 2.0 * q / (1.0 + q), e = d_exp(s);
  vreal half = 0.5 * d->upper - 0.5 * d->lower;
  vreal away = half * c, weight = half * (slope * (4.0 * q / ((1.0 + q) * (1.0 + q))));
  vreal x = u < 0 ? d->lower + away : d->upper - away;
  vreal xc = v_where(d->complement, u < 0 ? -away : away, v_all(NAN));
  x = v_where(d->up, d->lower + e, v_where(d->down, d->upper - e, x));
  x = v_where(d->both, v_all(d_sinh(s)), x);
  weight = v_where(v_or(d->up, d->down), v_all(slope * e), weight);
  weight = v_where(d->both, v_all(slope * d_cosh(s)), weight);
  vmask finite = masting_integrand_at(&d->g, x, xc, f);
  for (int64_t i = 0; i < d->g.m; i++) {
    f[i] *= weight;
    finite &= v_lt(v_abs(f[i]), v_all(INFINITY));
  }
  return finite;
}

MASTING_UNUSED_ static void masting_de_add(masting_de *d, const vreal *f, vmask lanes) {
  for (int64_t i = 0; i < d->g.m; i++) {
    vreal term = v_where(lanes, f[i], v_all(0.0));
    d->sum[i] += term;
    d->norm[i] += v_abs(term);
  }
}

/* Of the first sum's terms: the side ends a step beyond the last that counts. Where the integral
 * is 0 as far as is known, all count. */
MASTING_UNUSED_ static void masting_de_trim(masting_de *d, int side, const vreal *terms) {
  int64_t m = d->g.m;
  vmask open = v_gt(d->norm[0], v_all(0.0));
  for (int k = MASTING_DE_COUNT; k > 0 && v_any(open); k--) {
    vreal u = v_all(k * MASTING_DE_FIRST);
    const vreal *term = terms + (k - 1) * m;
    vmask here = v_le(u, d->end[side]);
    for (int64_t i = 0; i < m; i++) open &= v_le(v_abs(term[i]), 1e-18 * d->norm[i]) | v_not(here);
    vmask shorter = open & v_lt(u, d->end[side]);
    d->end[side] = v_where(shorter, u, d->end[side]);
    d->bad[side] = v_where(shorter, u, d->bad[side]);
  }
  for (int k = 1; k <= MASTING_DE_COUNT; k++) {
    vmask last = v_eq(v_all(k * MASTING_DE_FIRST), d->end[side]);
    for (int64_t i = 0; i < m; i++)
      d->last[side][i] = v_where(last, terms[(k - 1) * m + i], d->last[side][i]);
  }
}

/* The sum with the first step, and where it ends. */
MASTING_UNUSED_ static void masting_de_begin(masting_arena *arena, masting_de *d) {
  int64_t m = d->g.m;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *terms[2];
  d->good = masting_de_term(d, 0.0, d->f) & d->active;
  d->active = d->good;
  masting_de_add(d, d->f, d->active);
  for (int side = 0; side < 2; side++) {
    terms[side] = masting_ode_take(arena, MASTING_DE_COUNT * m);
    vmask open = d->active;
    d->end[side] = v_all(0.0);
    d->bad[side] = v_all(INFINITY);
    for (int k = 1; k <= MASTING_DE_COUNT; k++) {
      double u = k * MASTING_DE_FIRST;
      vreal *f = terms[side] + (k - 1) * m;
      vmask finite = masting_de_term(d, side ? u : -u, f);
      d->bad[side] = v_where(open & v_not(finite), v_all(u), d->bad[side]);
      open &= finite;
      d->end[side] = v_where(open, v_all(u), d->end[side]);
      masting_de_add(d, f, open);
    }
  }
  for (int side = 0; side < 2; side++) masting_de_trim(d, side, terms[side]);
  for (int64_t i = 0; i < m; i++) {
    d->value[i] = MASTING_DE_FIRST * d->sum[i];
    d->size[i] = MASTING_DE_FIRST * d->norm[i];
  }
  masting_arena_release(arena, mark);
}

/* The terms between those there are: h is half of what it was. */
MASTING_UNUSED_ static void masting_de_refine(masting_de *d, double h) {
  for (int side = 0; side < 2; side++) {
    for (int64_t k = 1; (double)k * h < MASTING_DE_COUNT * MASTING_DE_FIRST; k += 2) {
      double u = (double)k * h;
      vmask inside = d->active & v_le(v_all(u), d->end[side]);
      vmask beyond = d->active & v_not(inside) & v_lt(v_all(u), d->bad[side]);
      if (!v_any(inside | beyond)) break;
      vmask finite = masting_de_term(d, side ? u : -u, d->f);
      vmask lost = inside & v_not(finite);
      d->active &= v_not(lost);
      d->good &= v_not(lost);
      masting_de_add(d, d->f, finite & (inside | beyond));
      d->end[side] = v_where(beyond & finite, v_all(u), d->end[side]);
      d->bad[side] = v_where(beyond & v_not(finite), v_all(u), d->bad[side]);
      for (int64_t i = 0; i < d->g.m; i++)
        d->last[side][i] = v_where(beyond & finite, d->f[i], d->last[side][i]);
    }
  }
}

/* Integrals by step h; lanes that have got there stop: two agree, and nothing much was cut off. */
MASTING_UNUSED_ static void masting_de_compare(masting_de *d, double h, int level, vmask deepest) {
  const masting_ode *ode = d->g.ode;
  vmask agree = d->active, cut = d->active;
  if (level < MASTING_DE_EMPTY) agree &= v_gt(d->norm[0], v_all(0.0)) | deepest;
  for (int64_t i = 0; i < d->g.m; i++) {
    vreal value = h * d->sum[i], size = h * d->norm[i];
    vreal most = ode->rel_tol * size;
    most = v_where(v_gt(v_all(ode->abs_tol), most), v_all(ode->abs_tol), most);
    agree &= v_le(v_abs(value - d->value[i]), most);
    for (int side = 0; side < 2; side++)
      cut &= v_le(MASTING_DE_FIRST * v_abs(d->last[side][i]), most);
    d->value[i] = v_where(d->active, value, d->value[i]);
    d->size[i] = v_where(d->active, size, d->size[i]);
  }
  d->good &= v_not(d->active & deepest & v_not(agree & cut));
  d->active &= v_not(agree & cut) & v_not(deepest);
}

/* Adds the piece's integral to total, in its lanes; returns those in which it has one. */
MASTING_UNUSED_ static vmask masting_de_piece(masting_arena *arena, masting_de *d, vmask lanes,
                                              vreal *total) {
  int64_t m = d->g.m;
  d->active = lanes;
  vreal **list[] = {&d->f, &d->sum, &d->norm, &d->value, &d->size, &d->last[0], &d->last[1]};
  for (int k = 0; k < 7; k++) {
    *list[k] = masting_ode_take(arena, m);
    for (int64_t i = 0; i < m; i++) (*list[k])[i] = v_all(0.0);
  }
  masting_de_begin(arena, d);
  double given = d->g.ode->max_steps, h = MASTING_DE_FIRST;
  for (int level = 3; v_any(d->active); level++) {
    vmask deepest = v_if(level + 1 >= (given > 0 ? given : 15) || level == MASTING_DE_DEEPEST);
    if (level + 1 >= (given > 0 ? given : 9)) deepest |= v_not(d->finite);
    h *= 0.5;
    masting_de_refine(d, h);
    masting_de_compare(d, h, level, deepest);
  }
  for (int64_t i = 0; i < m; i++) total[i] += v_where(lanes, d->value[i], v_all(0.0));
  return d->good | v_not(lanes);
}

MASTING_UNUSED_ static void masting_ode_double_exponential(masting_arena *arena,
                                                           const masting_ode *ode, vreal *y,
                                                           vreal *sens) {
  masting_arena_state mark = masting_arena_mark(arena);
  masting_de d = {.g = masting_integrand_of(arena, ode, sens)};
  vreal a = *ode->t0, b = *ode->ts, zero = v_all(0.0), far = v_all(INFINITY);
  vreal *total = masting_ode_take(arena, d.g.m);
  for (int64_t i = 0; i < d.g.m; i++) total[i] = zero;
  vmask good = masting_integrand_sane(ode), busy = good & v_lt(a, b);
  for (int64_t j = 0; j < ode->np; j++) good &= v_not(v_isnan(ode->p[j]));
  busy &= good;
  vmask open_a = v_eq(a, -far), open_b = v_eq(b, far);
  vmask two = v_lt(a, zero) & v_gt(b, zero) & v_not(open_a & open_b);
  d.complement = v_not(open_a | open_b);
  /* below 0, or all of it */
  d.lower = a;
  d.upper = v_where(two, zero, b);
  d.both = open_a & open_b;
  d.down = open_a & v_not(d.both);
  d.up = open_b & v_not(two) & v_not(d.both);
  d.finite = v_not(d.both | d.down | d.up);
  if (v_any(busy)) good &= masting_de_piece(arena, &d, busy, total);
  /* above 0 */
  d.lower = zero;
  d.upper = b;
  d.both = d.down = v_if(0);
  d.up = open_b;
  d.finite = v_not(open_b);
  busy &= good & two;
  if (v_any(busy)) good &= masting_de_piece(arena, &d, busy, total);
  masting_integrand_end(&d.g, good, total, y, sens);
  masting_arena_release(arena, mark);
}

#endif
