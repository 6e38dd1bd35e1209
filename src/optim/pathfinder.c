/* optim/pathfinder.c -- see pathfinder.h. */
#include "optim/pathfinder.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define REPORT_SECONDS 0.2

void mst_pathfinder_defaults(mst_pathfinder_options *o) {
  memset(o, 0, sizeof *o);
  mst_ascent_defaults(&o->ascent);
  o->ascent.max_iterations = 1000;
  o->ascent.probe = false;
  o->elbo_draws = 25;
  o->draws = 1000;
}

void mst_pathfinder_end(mst_pathfinder *p) {
  mst_optim_end(&p->optim);
  mst_free(&p->log_weight);
}

/* ---- paths ---- */

static void view(const mst_optim *o, bool finished, mst_optim_view *v) {
  *v = (mst_optim_view){.starts = o->starts,
                        .best = -INFINITY,
                        .gradients = o->gradients,
                        .elapsed = mst_now() - o->begun,
                        .finished = finished};
  for (int c = 0; c < o->starts; c++) {
    v->ascending += !mst_path_rests(&o->path[c]);
    if (o->start[c].iterations > v->iterations) v->iterations = o->start[c].iterations;
    if (o->start[c].state != MST_ASCENT_INIT && -o->start[c].f > v->best) v->best = -o->start[c].f;
  }
}

static bool all_rest(const mst_optim *o) {
  for (int c = 0; c < o->starts; c++)
    if (!mst_path_rests(&o->path[c])) return false;
  return true;
}

static masting_status walk(mst_optim *o, mst_optim_report *report, void *context, mst_error *err) {
  const bool speaks = report && o->target->comm->rank == 0;
  double told = o->begun;
  mst_optim_view v;
  while (!all_rest(o)) {
    if (mst_optim_step(o, err) != MASTING_OK) return err->status;
    if (!speaks || mst_now() - told < REPORT_SECONDS) continue;
    told = mst_now();
    view(o, false, &v);
    report(context, &v);
  }
  view(o, true, &v);
  if (speaks) report(context, &v);
  return MASTING_OK;
}

static masting_status weigh(mst_pathfinder *p, mst_error *err) {
  const mst_optim *o = &p->optim;
  const int64_t each = p->options.draws;
  mst_alloc((void **)&p->log_weight, (size_t)(o->starts * each), 8, "weights", err);
  for (int c = 0; err->status == MASTING_OK && c < o->starts; c++) {
    const mst_path *path = &o->path[c];
    const bool sound = path->state == MST_PATH_WAIT;
    p->sound += sound;
    for (int64_t i = 0; i < each; i++) {
      const double ratio = sound ? path->lp[i] - path->log_approx[i] : -INFINITY;
      p->log_weight[c * each + i] = isfinite(ratio) ? ratio : -INFINITY;
    }
  }
  if (err->status == MASTING_OK && p->sound == 0)
    mst_fail(err, MASTING_ERR_INIT,
             "model %s: none of %d paths has a Gaussian with a finite density: %s after %d steps; "
             "expected one; try "
             "`masting optimize`, which tells what the density does, --init-radius with a smaller "
             "radius, or "
             "another parameterisation",
             o->target->model->name, o->starts, mst_ascent_end_text(o->start[0].end),
             o->start[0].iterations);
  if (err->status == MASTING_OK) mst_psis(p->log_weight, o->starts * each, &p->k, err);
  return mst_agree(o->target->comm, err);
}

masting_status mst_pathfinder_run(mst_pathfinder *p, mst_target *target,
                                  const mst_pathfinder_options *options, mst_optim_report *report,
                                  void *context, mst_error *err) {
  memset(p, 0, sizeof *p);
  p->options = *options;
  if (mst_optim_begin(&p->optim, target, &options->ascent, err) != MASTING_OK ||
      mst_optim_paths(&p->optim, options->elbo_draws, options->draws, options->patience, err) !=
          MASTING_OK ||
      walk(&p->optim, report, context, err) != MASTING_OK)
    return err->status;
  return weigh(p, err);
}

/* ---- draws handed out ---- */

typedef struct emission {
  mst_pathfinder *p;
  int64_t count;
  int64_t *choice;         /* [count] path * draws + number */
  int64_t *number, *index; /* [count], by path: which draw, and the how manieth it was asked for */
  int64_t *first;          /* [paths + 1] */
} emission;

static void sort_by_path(emission *e) {
  const int64_t each = e->p->options.draws;
  const int paths = e->p->optim.starts;
  int64_t at = 0;
  for (int c = 0; c < paths; c++) {
    e->first[c] = at;
    for (int64_t i = 0; i < e->count; i++) {
      if (e->choice[i] / each != c) continue;
      e->number[at] = e->choice[i] % each;
      e->index[at++] = i;
    }
  }
  e->first[paths] = at;
}

static void choose(emission *e, bool by_weight, bool replace, double *scratch) {
  const mst_pathfinder *p = e->p;
  const int64_t each = p->options.draws;
  if (by_weight) {
    mst_psis_choose(p->log_weight, p->optim.starts * each, p->options.ascent.seed, replace,
                    e->count, e->choice, scratch);
    return;
  }
  int64_t at = 0;
  for (int c = 0; c < p->optim.starts; c++)
    for (int64_t i = 0; p->optim.path[c].state == MST_PATH_WAIT && i < each; i++)
      e->choice[at++] = c * each + i;
}

static void hand_out(const emission *e, mst_pathfinder_take *take, void *context, mst_error *err) {
  const mst_optim *o = &e->p->optim;
  for (int c = 0; c < o->starts; c++) {
    if (!o->stepped[c]) continue;
    const mst_path *path = &o->path[c];
    const int64_t at = e->first[c] + path->made - 1, k = e->number[at];
    const mst_pathfinder_draw draw = {.index = e->index[at],
                                      .path = c,
                                      .lp = path->lp[k],
                                      .log_approx = path->log_approx[k],
                                      .log_weight = e->p->log_weight[c * e->p->options.draws + k]};
    take(context, &draw, err);
  }
}

static masting_status hand_out_all(emission *e, mst_pathfinder_take *take, void *context,
                                   mst_error *err) {
  mst_optim *o = &e->p->optim;
  mst_error mine = {0};
  sort_by_path(e);
  for (int c = 0; c < o->starts; c++)
    if (e->first[c + 1] > e->first[c])
      mst_path_repeat(&o->path[c], e->number + e->first[c], e->first[c + 1] - e->first[c]);
  while (!all_rest(o)) {
    if (mst_optim_step(o, err) != MASTING_OK) return err->status;
    hand_out(e, take, context, &mine);
  }
  *err = mine;
  return mst_agree(o->target->comm, err);
}

masting_status mst_pathfinder_emit(mst_pathfinder *p, bool by_weight, bool replace, int64_t count,
                                   mst_pathfinder_take *take, void *context, mst_error *err) {
  emission e = {.p = p, .count = by_weight ? count : p->sound * p->options.draws};
  const size_t n = (size_t)e.count, paths = (size_t)p->optim.starts;
  double *scratch = NULL;
  mst_alloc((void **)&e.choice, n, sizeof *e.choice, "choices", err);
  mst_alloc((void **)&e.number, n, sizeof *e.number, "choices", err);
  mst_alloc((void **)&e.index, n, sizeof *e.index, "choices", err);
  mst_alloc((void **)&e.first, paths + 1, sizeof *e.first, "choices", err);
  mst_alloc((void **)&scratch, paths * (size_t)p->options.draws, 8, "choices", err);
  if (mst_agree(p->optim.target->comm, err) == MASTING_OK) {
    choose(&e, by_weight, replace, scratch);
    hand_out_all(&e, take, context, err);
  }
  mst_free(&e.choice);
  mst_free(&e.number);
  mst_free(&e.index);
  mst_free(&e.first);
  mst_free(&scratch);
  return err->status;
}
