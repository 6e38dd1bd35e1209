/* run/starts.c -- see starts.h. */
#include "run/starts.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "optim/hessian.h"
#include "optim/pathfinder.h"

#define ROW_STEPS 50 /* of Newton's method */
/* of Pathfinder for starts: fewer than for draws that stand for the posterior */
#define ELBO_DRAWS 10
#define PATH_DRAWS 100
#define PATIENCE 20 /* steps without a better Gaussian, after which a path ends */

const char *const mst_init_names[] = {"random", "mode", "pathfinder", NULL};

void mst_starts_free(mst_starts *s) {
  mst_free(&s->has_start);
  mst_free(&s->global);
  mst_free(&s->global_sd);
  mst_free(&s->local);
  mst_free(&s->local_sd);
}

static void make(mst_starts *s, const mst_target *t, mst_error *err) {
  const size_t B = (size_t)t->batches, W = (size_t)t->lanes;
  const size_t P = B * (size_t)t->layout.globals,
               L = B * (size_t)(t->data->shard.rows * t->layout.locals);
  s->batches = t->batches;
  mst_alloc((void **)&s->has_start, B * W, sizeof *s->has_start, "starts", err);
  mst_alloc((void **)&s->global, P, 8 * W, "starts", err);
  mst_alloc((void **)&s->global_sd, P, 8 * W, "starts", err);
  mst_alloc((void **)&s->local, L, 8 * W, "starts", err);
  mst_alloc((void **)&s->local_sd, L, 8 * W, "starts", err);
}

static void copy_span(const mst_span_state *from, int W, double *x, double *sd) {
  const int64_t n = from->elements * W;
  memcpy(x, from->x, (size_t)n * sizeof *x);
  for (int64_t i = 0; i < n; i++) sd[i] = sqrt(from->alpha[i]);
}

/* Rows given the globals' mode: at their highest points, with the curvature there. Collective. */
static masting_status settle_rows(mst_starts *s, mst_optim *o, mst_error *err) {
  mst_batch *b = &o->batch;
  const mst_target *t = o->target;
  const int64_t L = t->layout.locals, W = t->lanes, n = b->locals * b->slots;
  for (int k = 0; k < t->batches; k++)
    memcpy(b->y + k * b->globals * W, o->global[k].x, (size_t)(b->globals * W) * sizeof *b->y);
  memcpy(b->local, o->rows, (size_t)n * sizeof *b->local);
  if (mst_marginal_rows(o->marginal, ROW_STEPS, err) != MASTING_OK) return err->status;
  memcpy(s->local, b->local, (size_t)n * sizeof *b->local);
#pragma omp parallel for schedule(static) num_threads(t->threads)
  for (int64_t r = 0; r < t->data->shard.rows; r++)
    for (int c = 0; c < b->slots; c++) {
      double f[L * L], variance[L];
      mst_marginal_take(o->marginal, c, r, f);
      mst_block_variances(f, L, variance);
      for (int64_t k = 0; k < L; k++)
        s->local_sd[mst_batch_local(b, c, r * L + k)] = sqrt(variance[k]);
    }
  return MASTING_OK;
}

/* Which chains have a start. Collective. */
static void judge(mst_starts *s, const mst_optim *o) {
  mst_outcome first = {0};
  for (int c = 0; c < o->starts; c++) {
    mst_outcome outcome;
    mst_optim_outcome(o, c, &outcome);
    s->has_start[c] = mst_ascent_converged(outcome.end);
    if (s->has_start[c] && (s->found == 0 || o->start[c].f < o->start[s->best].f)) s->best = c;
    s->found += s->has_start[c];
    if (!s->has_start[c] && first.end == MST_END_NONE) first = outcome;
  }
  if (first.end != MST_END_NONE && o->target->comm->rank == 0)
    mst_warn("--init mode: %d of %d chains found no mode and start at random points: %s%s%s %s; "
             "`masting optimize` tells more",
             o->starts - s->found, o->starts, mst_ascent_end_text(first.end),
             *first.name ? ": " : "", first.name, first.where);
}

masting_status mst_starts_modes(mst_starts *s, mst_target *target, const mst_ascent_options *ascent,
                                mst_error *err) {
  mst_optim o = {0};
  mst_ascent_options options = *ascent;
  const double begun = mst_now();
  const int64_t W = target->lanes;
  *s = (mst_starts){.jitter = 1, .k = NAN};
  make(s, target, err);
  /* where rows have latents of their own the joint mode is far from all draws */
  options.integrated = true;
  if (mst_agree(target->comm, err) == MASTING_OK &&
      mst_optim_begin(&o, target, &options, err) == MASTING_OK &&
      mst_optim_run(&o, NULL, NULL, err) == MASTING_OK &&
      (!o.marginal || settle_rows(s, &o, err) == MASTING_OK)) {
    for (int b = 0; b < target->batches; b++) {
      const int64_t P = b * o.batch.globals * W, L = b * o.batch.locals * W;
      copy_span(&o.global[b], (int)W, s->global + P, s->global_sd + P);
      if (!o.marginal) copy_span(&o.local[b], (int)W, s->local + L, s->local_sd + L);
    }
    judge(s, &o);
    s->gradients = o.gradients;
    s->passes = o.marginal ? o.marginal->evaluations : o.steps;
  }
  mst_optim_end(&o);
  s->seconds = mst_now() - begun;
  return err->status;
}

/* ---- Pathfinder ---- */

typedef struct placing {
  mst_starts *starts;
  mst_pathfinder *finder;
  double best;
} placing;

static void place_span(const mst_span_state *s, const double *trial, int W, int from, int to,
                       double *x, double *sd) {
  for (int64_t i = 0; i < s->elements; i++) {
    x[i * W + to] = trial[i * W + from];
    sd[i * W + to] = sqrt(s->alpha[i * W + from]);
  }
}

/* Draw `index` becomes the start of chain `index`. */
static masting_status place(void *context, const mst_pathfinder_draw *d, mst_error *err) {
  placing *p = context;
  mst_starts *s = p->starts;
  const mst_optim *o = &p->finder->optim;
  const int W = o->target->lanes, chain = (int)d->index;
  const int64_t P = o->batch.globals * W, L = o->batch.locals * W;
  const int64_t to_p = chain / W * P, to_l = chain / W * L, from = d->path / W;
  (void)err;
  place_span(&o->global[from], o->batch.y + from * P, W, d->path % W, chain % W, s->global + to_p,
             s->global_sd + to_p);
  place_span(&o->local[from], o->batch.local + from * L, W, d->path % W, chain % W, s->local + to_l,
             s->local_sd + to_l);
  s->has_start[chain] = true;
  s->found++;
  if (s->found == 1 || d->lp > p->best) {
    p->best = d->lp;
    s->best = chain;
  }
  return MASTING_OK;
}

/* No path with a Gaussian: all ranks see the same, and chains can start as they used to. */
static void fall_back(const mst_target *t, mst_error *err) {
  if (t->comm->rank == 0)
    mst_warn("--init pathfinder: no path has a Gaussian with a finite ELBO; chains start at random "
             "points; `masting "
             "optimize` tells what the density does");
  *err = (mst_error){0};
}

masting_status mst_starts_paths(mst_starts *s, mst_target *target, const mst_ascent_options *ascent,
                                mst_error *err) {
  mst_pathfinder finder = {0};
  mst_pathfinder_options options;
  const double begun = mst_now();
  *s = (mst_starts){.k = NAN};
  placing to = {.starts = s, .finder = &finder};
  mst_pathfinder_defaults(&options);
  options.ascent = *ascent;
  options.ascent.probe = false;
  options.elbo_draws = ELBO_DRAWS;
  options.draws = PATH_DRAWS;
  options.patience = PATIENCE;
  make(s, target, err);
  if (mst_agree(target->comm, err) == MASTING_OK) {
    if (mst_pathfinder_run(&finder, target, &options, NULL, NULL, err) == MASTING_OK)
      mst_pathfinder_emit(&finder, true, false, target->chains, place, &to, err);
    else if (err->status == MASTING_ERR_INIT)
      fall_back(target, err);
    s->k = finder.k;
    s->gradients = finder.optim.gradients;
    s->passes = finder.optim.steps;
  }
  mst_pathfinder_end(&finder);
  s->seconds = mst_now() - begun;
  return err->status;
}

void mst_starts_give(const mst_starts *s, mst_pass *pass) {
  const int64_t W = pass->target->lanes;
  pass->has_start = s->has_start;
  pass->start_jitter = s->jitter;
  for (int b = 0; b < s->batches; b++) {
    mst_state *g = &pass->global[b], *l = &pass->local[b];
    g->start_q = s->global + b * g->elements * W;
    g->start_sd = s->global_sd + b * g->elements * W;
    l->start_q = s->local + b * l->elements * W;
    l->start_sd = s->local_sd + b * l->elements * W;
  }
}

/* Of one span, over all batches. */
static void span_metric(const mst_starts *s, const mst_pass *pass, const mst_state *states) {
  const int W = pass->target->lanes, chains = pass->target->chains;
  for (int64_t i = 0; i < states->elements; i++) {
    double sum = 0;
    for (int c = 0; c < chains; c++) {
      const mst_state *own = &states[c / W];
      const double sd = own->start_sd[i * W + c % W], variance = sd * sd;
      if (!s->has_start[c]) continue;
      sum += variance;
      if (!pass->metric_instruction.pooled) own->minv_lane[i * W + c % W] = variance;
    }
    if (pass->metric_instruction.pooled && s->found)
      states->minv[0][i] = states->minv[1][i] = sum / s->found;
  }
}

void mst_starts_metric(const mst_starts *s, const mst_pass *pass) {
  span_metric(s, pass, pass->global);
  span_metric(s, pass, pass->local);
}
