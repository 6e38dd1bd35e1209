/* optim/ascent.c -- see ascent.h. */
#include "optim/ascent.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"

#define PROBE_REACH 10.0 /* a probe looks this far, and as far again as the point is from 0 */
/* a rise of f that means nothing: sd of 1e5 and more along the probe, beside rounding */
#define PROBE_FLAT 1e-9

void mst_ascent_defaults(mst_ascent_options *o) {
  *o = (mst_ascent_options){.seed = 1,
                            .init_radius = 2,
                            .history = 5,
                            .max_iterations = 2000,
                            .probe = true,
                            .tol_obj = 1e-12,
                            .tol_rel_obj = 1e4,
                            .tol_grad = 1e-8,
                            .tol_rel_grad = 1e7,
                            .tol_param = 1e-8};
}

const char *mst_ascent_end_text(mst_ascent_end end) {
  switch (end) {
  case MST_END_NONE:
    return "still climbing";
  case MST_END_OBJ:
    return "log density no longer changes (tol-obj)";
  case MST_END_REL_OBJ:
    return "log density no longer changes (tol-rel-obj)";
  case MST_END_GRAD:
    return "gradient is small (tol-grad)";
  case MST_END_REL_GRAD:
    return "gradient is small (tol-rel-grad)";
  case MST_END_PARAM:
    return "parameters no longer change (tol-param)";
  case MST_END_ITERATIONS:
    return "iterations used up (max-iterations)";
  case MST_END_LINE:
    return "no step raises the density";
  case MST_END_INFINITY:
    return "mode at infinity";
  case MST_END_UNBOUNDED:
    return "density grows without bound";
  case MST_END_NO_START:
    return "no starting point";
  }
  return "?";
}

void mst_ascent_begin(mst_ascent *c, const mst_ascent_options *options) {
  memset(c, 0, sizeof *c);
  MST_ASSERT(options->history >= 1 && options->history <= MST_MAX_HISTORY);
  c->options = options;
  c->next.slot = -1;
}

/* ---- plan ---- */

void mst_ascent_plan(mst_ascent *c, mst_ascent_instruction *instruction) {
  if (c->state == MST_ASCENT_INIT) {
    c->next.init = true;
    c->next.epoch = ++c->epoch;
  }
  *instruction = c->next;
  c->next = (mst_ascent_instruction){.slot = -1};
}

/* ---- digest ---- */

static void look(mst_ascent *c, double step) {
  c->next.step = step;
  c->state = MST_ASCENT_SEARCH;
}

static void redirect(mst_ascent *c) {
  mst_history_direction(&c->history, &c->next.d);
  c->slope = mst_history_slope(&c->history, &c->next.d);
  if (!(c->slope < 0) && c->history.count) { /* rounding: the pairs contradict each other */
    mst_history_forget(&c->history);
    mst_history_direction(&c->history, &c->next.d);
    c->slope = mst_history_slope(&c->history, &c->next.d);
  }
  c->next.redirect = true;
}

static void begin_search(mst_ascent *c, double step) {
  redirect(c);
  mst_line_begin(&c->line, c->f, c->slope, step);
  look(c, step);
}

static void probe(mst_ascent *c, bool along_x) {
  c->state = MST_ASCENT_PROBE;
  c->probes++;
  c->next.redirect = true;
  if (along_x) {
    c->next.d = (mst_direction){0};
    c->next.x_part = 1;
    c->reach = 1 + PROBE_REACH / (c->norm_x + DBL_MIN);
  } else {
    redirect(c);
    c->reach = (c->norm_x + PROBE_REACH) / mst_history_length(&c->history, &c->next.d);
  }
  c->next.step = c->reach;
}

static void finish(mst_ascent *c, mst_ascent_end end) {
  c->end = end;
  c->state = MST_ASCENT_DONE;
  if (mst_ascent_converged(end) && c->norm_g > 0 && c->options->probe) probe(c, false);
}

static mst_ascent_end converged(const mst_ascent *c, double f_before) {
  const mst_ascent_options *o = c->options;
  const double change = fabs(f_before - c->f);
  const double size = fmax(fmax(fabs(f_before), fabs(c->f)), 1.0);
  mst_direction d;
  if (change < o->tol_obj) return MST_END_OBJ;
  if (c->norm_g < o->tol_grad) return MST_END_GRAD;
  if (c->norm_s < o->tol_param) return MST_END_PARAM;
  if (c->iterations >= o->max_iterations) return MST_END_ITERATIONS;
  if (change / size < o->tol_rel_obj * DBL_EPSILON) return MST_END_REL_OBJ;
  if (c->history.count == 0) return MST_END_NONE;
  mst_history_direction(&c->history, &d);
  const double decrement = fabs(mst_history_slope(&c->history, &d));
  if (decrement / fmax(fabs(c->f), 1.0) < o->tol_rel_grad * DBL_EPSILON) return MST_END_REL_GRAD;
  return MST_END_NONE;
}

static void arrive(mst_ascent *c, double f, const double *dot) {
  c->f = f;
  c->norm_x = sqrt(dot[MST_DOT_XX]);
  c->norm_g = sqrt(dot[MST_DOT_GG]);
  c->next.accept = true;
}

static void digest_init(mst_ascent *c, double f, const double *dot) {
  c->tries++;
  if (!isfinite(f) || !isfinite(dot[MST_DOT_GG])) {
    if (c->tries < MST_ASCENT_STARTS) return;
    c->end = MST_END_NO_START;
    c->state = MST_ASCENT_DONE;
    return;
  }
  mst_history_clear(&c->history, c->options->history);
  c->history.gg = dot[MST_DOT_GG];
  c->f_start = f;
  arrive(c, f, dot);
  if (c->norm_g < c->options->tol_grad)
    finish(c, MST_END_GRAD);
  else
    begin_search(c, 1);
}

static bool take_step(mst_ascent *c, double f, const double *dot) {
  const double a = c->line.step, before = c->f;
  c->next.slot = mst_history_take(&c->history, a, dot);
  c->next.yay = dot[MST_DOT_YAY];
  c->next.pap = a * a * dot[MST_DOT_PAP];
  c->next.ys = a * dot[MST_DOT_YP];
  c->norm_s = a * sqrt(dot[MST_DOT_PP]);
  c->iterations++;
  arrive(c, f, dot);
  const mst_ascent_end end = converged(c, before);
  if (end != MST_END_NONE)
    finish(c, end);
  else
    begin_search(c, c->history.count ? 1 : c->norm_s);
  return true;
}

static bool digest_search(mst_ascent *c, double f, const double *dot) {
  switch (mst_line_digest(&c->line, f, dot[MST_DOT_GP])) {
  case MST_LINE_TRY:
    look(c, c->line.step);
    return false;
  case MST_LINE_FOUND:
    return take_step(c, f, dot);
  case MST_LINE_UNBOUNDED:
    finish(c, MST_END_UNBOUNDED);
    return false;
  case MST_LINE_FAILED:
    break;
  }
  if (c->history.count == 0) {
    finish(c, MST_END_LINE);
    return false;
  }
  mst_history_forget(&c->history);
  begin_search(c, c->norm_s > 0 ? c->norm_s : 1);
  return false;
}

static void digest_probe(mst_ascent *c, double f, const double *dot) {
  const double flat = PROBE_FLAT + 64 * DBL_EPSILON * fabs(c->f);
  c->state = MST_ASCENT_DONE;
  if (isfinite(f) && f <= c->f + flat && dot[MST_DOT_GP] * c->reach <= flat)
    c->end = MST_END_INFINITY; /* p keeps the way there */
  else if (c->probes == 1)
    probe(c, true);
}

bool mst_ascent_digest(mst_ascent *c, double lp, const double *dot) {
  const double f = -lp;
  if (c->state != MST_ASCENT_DONE) c->evaluations++;
  switch (c->state) {
  case MST_ASCENT_INIT:
    digest_init(c, f, dot);
    break;
  case MST_ASCENT_SEARCH:
    return digest_search(c, f, dot);
  case MST_ASCENT_PROBE:
    digest_probe(c, f, dot);
    break;
  case MST_ASCENT_DONE:
    break;
  }
  return false;
}
