/* masting/stan/quadrature_gk.h -- integrals by the adaptive Gauss-Kronrod rule of 10 and 21 points
 * (Piessens et al. 1983, QUADPACK, qk21): see integrand.h.
 *
 * An infinite interval is mapped to [-1, 1] by a rational function, as in Stan; xc is NaN. An
 * interval whose error estimate is too large is halved, in the lanes that ask for it: each lane has
 * a tree of its own.
 */
#ifndef MASTING_STAN_QUADRATURE_GK_H
#define MASTING_STAN_QUADRATURE_GK_H

#include <masting/stan/integrand.h>

#define MASTING_GK_EMPTY                                                                           \
  5 /* an integral that is 0 is believed of parts so often halved: f may be a narrow peak */

typedef struct masting_gk {
  masting_integrand g;
  vmask open_a, open_b; /* lanes in which a limit is infinite */
  vmask good;
  int depth; /* halvings, at most */
  vreal *f;
} masting_gk;

/* f at t, times dx/dt. */
MASTING_UNUSED_ static vmask masting_gk_term(masting_gk *d, double t, vreal *f) {
  vreal a = *d->g.ode->t0, b = *d->g.ode->ts, half = 0.5 * b - 0.5 * a;
  vmask both = d->open_a & d->open_b, up = d->open_b & v_not(both), down = d->open_a & v_not(both);
  double square = (1.0 - t) * (1.0 + t);
  vreal x = t < 0 ? a + half * (1.0 + t) : b - half * (1.0 - t), slope = half;
  x = v_where(up, a + (1.0 + t) / (1.0 - t), v_where(down, b - (1.0 - t) / (1.0 + t), x));
  x = v_where(both, v_all(t / square), x);
  slope = v_where(up, v_all(2.0 / ((1.0 - t) * (1.0 - t))), slope);
  slope = v_where(down, v_all(2.0 / ((1.0 + t) * (1.0 + t))), slope);
  slope = v_where(both, v_all((1.0 + t * t) / (square * square)), slope);
  vmask finite = masting_integrand_at(&d->g, x, v_all(NAN), f);
  for (int64_t i = 0; i < d->g.m; i++) {
    f[i] *= slope;
    finite &= v_lt(v_abs(f[i]), v_all(INFINITY));
  }
  return finite;
}

/* Both rules over [low, high]: the value, its error, and the integral of the absolute value. */
MASTING_UNUSED_ static void masting_gk_rule(masting_gk *d, double low, double high, vmask lanes,
                                            vreal *value, vreal *error, vreal *size) {
  static const double node[11] = {0.995657163025808080735527280689003,
                                  0.973906528517171720077964012084452,
                                  0.930157491355708226001207180059508,
                                  0.865063366688984510732096688423493,
                                  0.780817726586416897063717578345042,
                                  0.679409568299024406234327365114874,
                                  0.562757134668604683339000099272694,
                                  0.433395394129247190799265943165784,
                                  0.294392862701460198131126603103866,
                                  0.148874338981631210884826001129720,
                                  0.0};
  static const double kronrod[11] = {
      0.011694638867371874278064396062192, 0.032558162307964727478818972459390,
      0.054755896574351996031381300244580, 0.075039674810919952767043140916190,
      0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
      0.123491976262065851077958109585166, 0.134709217311473325928054001771707,
      0.142775938577060080797094273138717, 0.147739104901338491374841515972068,
      0.149445554002916905664936468389821};
  static const double gauss[11] = {
      0, 0.066671344308688137593568809893332, 0, 0.149451349150580593145863397657697,
      0, 0.219086362515982043995534934228163, 0, 0.269266719309996355091226921569469,
      0, 0.295524224714752870173815619188769, 0};
  double middle = 0.5 * (low + high), half = 0.5 * (high - low);
  int64_t m = d->g.m;
  for (int64_t i = 0; i < m; i++) value[i] = error[i] = size[i] = v_all(0.0);
  for (int k = 0; k < 21; k++) {
    int at = k <= 10 ? k : 20 - k;
    vmask finite = masting_gk_term(d, middle + (k <= 10 ? -half : half) * node[at], d->f);
    d->good &= finite | v_not(lanes);
    for (int64_t i = 0; i < m; i++) {
      value[i] += (half * kronrod[at]) * d->f[i];
      error[i] += (half * (kronrod[at] - gauss[at])) * d->f[i];
      size[i] += (half * kronrod[at]) * v_abs(d->f[i]);
    }
  }
  for (int64_t i = 0; i < m; i++) {
    vreal least = 0x1p-51 * v_abs(value[i]);
    error[i] = v_abs(error[i]);
    error[i] = v_where(v_lt(error[i], least), least, error[i]);
  }
}

/* What is known of an interval: [m] each. */
typedef struct masting_gk_sums {
  vreal *value, *error, *size;
} masting_gk_sums;

MASTING_UNUSED_ static masting_gk_sums masting_gk_take(masting_arena *arena, int64_t m) {
  return (masting_gk_sums){masting_ode_take(arena, m), masting_ode_take(arena, m),
                           masting_ode_take(arena, m)};
}

/* Refines the sums of an interval in parts, as many as it takes. most: the error that is allowed;
 * NULL: as much as the whole allows. `doubtful` lanes are halved whatever they look like. What
 * `lanes` leaves out stays as it is. */
MASTING_UNUSED_ static void masting_gk_adapt(masting_arena *arena, masting_gk *d, double low,
                                             double high, vmask lanes, vmask doubtful, int depth,
                                             const vreal *most, masting_gk_sums all) {
  const masting_ode *ode = d->g.ode;
  int64_t m = d->g.m;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *part = masting_ode_take(arena, m);
  vmask split = doubtful;
  for (int64_t i = 0; i < m; i++) {
    vreal allowed = 0.5 * ode->rel_tol * all.size[i], floor = v_all(0.5 * ode->abs_tol);
    part[i] = most ? most[i] : v_where(v_gt(floor, allowed), floor, allowed);
    split |= v_gt(all.error[i], part[i]) & v_gt(all.error[i], allowed);
    part[i] *= 0.5;
  }
  if (d->depth - depth < MASTING_GK_EMPTY) split |= v_eq(all.size[0], v_all(0.0));
  split &= lanes & d->good;
  if (depth > 0 && v_any(split)) {
    double middle = 0.5 * (low + high);
    masting_gk_sums half[2];
    for (int side = 0; side < 2; side++) {
      half[side] = masting_gk_take(arena, m);
      masting_gk_rule(d, side ? middle : low, side ? high : middle, split, half[side].value,
                      half[side].error, half[side].size);
    }
    /* what the whole has seen and its halves have not, or the other way, is a narrow peak */
    vreal before = all.size[0], after = half[0].size[0] + half[1].size[0];
    doubtful = v_gt(before, 2.0 * after) | v_gt(after, 2.0 * before);
    for (int side = 0; side < 2; side++)
      masting_gk_adapt(arena, d, side ? middle : low, side ? high : middle, split, doubtful,
                       depth - 1, part, half[side]);
    for (int64_t i = 0; i < m; i++) {
      all.value[i] = v_where(split, half[0].value[i] + half[1].value[i], all.value[i]);
      all.error[i] = v_where(split, half[0].error[i] + half[1].error[i], all.error[i]);
      all.size[i] = v_where(split, half[0].size[i] + half[1].size[i], all.size[i]);
    }
  }
  masting_arena_release(arena, mark);
}

MASTING_UNUSED_ static void masting_ode_gauss_kronrod(masting_arena *arena, const masting_ode *ode,
                                                      vreal *y, vreal *sens) {
  masting_arena_state mark = masting_arena_mark(arena);
  masting_gk d = {.g = masting_integrand_of(arena, ode, sens)};
  int64_t m = d.g.m;
  vreal a = *ode->t0, b = *ode->ts;
  d.f = masting_ode_take(arena, m);
  masting_gk_sums all = masting_gk_take(arena, m);
  d.open_a = v_eq(a, v_all(-INFINITY));
  d.open_b = v_eq(b, v_all(INFINITY));
  d.good = masting_integrand_sane(ode);
  for (int64_t j = 0; j < ode->np; j++) d.good &= v_not(v_isnan(ode->p[j]));
  vmask busy = d.good & v_lt(a, b);
  d.depth = ode->max_steps > 0 ? ode->max_steps < 30 ? (int)ode->max_steps : 30 : 0;
  masting_gk_rule(&d, -1.0, 1.0, busy, all.value, all.error, all.size);
  masting_gk_adapt(arena, &d, -1.0, 1.0, busy, v_if(0), d.depth, NULL, all);
  for (int64_t i = 0; i < m; i++) {
    vreal most = ode->rel_tol * all.size[i];
    most = v_where(v_gt(v_all(ode->abs_tol), most), v_all(ode->abs_tol), most);
    d.good &= v_le(all.error[i], most) | v_not(busy);
    all.value[i] = v_where(busy, all.value[i], v_all(0.0));
  }
  masting_integrand_end(&d.g, d.good, all.value, y, sens);
  masting_arena_release(arena, mark);
}

#endif
