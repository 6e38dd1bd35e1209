/* optim/allocate.c -- the starts' arrays: mst_optim_begin, _paths and _end of optim.h. */
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "optim/optim.h"

static void make_span(mst_span_state *s, int64_t elements, int history, size_t lanes,
                      mst_error *err) {
  const size_t n = (size_t)elements * lanes;
  s->elements = elements;
  s->history = history;
  mst_alloc((void **)&s->x, n, 8, "positions", err);
  mst_alloc((void **)&s->g, n, 8, "gradients", err);
  mst_alloc((void **)&s->p, n, 8, "directions", err);
  mst_alloc((void **)&s->alpha, n, 8, "curvatures", err);
  for (int k = 0; k < history; k++) {
    mst_alloc((void **)&s->s[k], n, 8, "steps remembered", err);
    mst_alloc((void **)&s->y[k], n, 8, "gradients remembered", err);
  }
}

static void make_path_span(mst_span_state *s, size_t lanes, mst_error *err) {
  const size_t n = (size_t)s->elements * lanes;
  mst_alloc((void **)&s->u, n, 8, "draws", err);
  mst_alloc((void **)&s->best_x, n, 8, "best points", err);
  mst_alloc((void **)&s->best_g, n, 8, "best points", err);
  mst_alloc((void **)&s->best_alpha, n, 8, "best points", err);
  for (int k = 0; k < s->history; k++) {
    mst_alloc((void **)&s->best_s[k], n, 8, "best points", err);
    mst_alloc((void **)&s->best_y[k], n, 8, "best points", err);
  }
}

static void free_span(mst_span_state *s) {
  mst_free(&s->u);
  mst_free(&s->best_x);
  mst_free(&s->best_g);
  mst_free(&s->best_alpha);
  mst_free(&s->x);
  mst_free(&s->g);
  mst_free(&s->p);
  mst_free(&s->alpha);
  for (int k = 0; k < s->history; k++) {
    mst_free(&s->s[k]);
    mst_free(&s->y[k]);
    mst_free(&s->best_s[k]);
    mst_free(&s->best_y[k]);
  }
}

static void make_marginal(mst_optim *o, mst_error *err) {
  mst_alloc((void **)&o->marginal, 1, sizeof *o->marginal, "starts", err);
  mst_alloc((void **)&o->rows, (size_t)(o->batch.locals * o->batch.slots), 8, "positions", err);
  if (mst_agree(o->target->comm, err) == MASTING_OK)
    mst_marginal_begin(o->marginal, &o->batch, err);
}

masting_status mst_optim_begin(mst_optim *o, mst_target *target, const mst_ascent_options *options,
                               mst_error *err) {
  const size_t B = (size_t)target->batches, W = (size_t)target->lanes, slots = B * W;
  const bool integrated = options->integrated && target->layout.locals > 0;
  *o = (mst_optim){.target = target,
                   .options = *options,
                   .hot = mst_span_hot_at(target->isa, target->lanes),
                   .starts = target->chains,
                   .begun = mst_now()};
  if (mst_layout_elements(&target->layout) == 0)
    return mst_fail(err, MASTING_ERR_MODEL,
                    "model %s: it has no parameters; expected some to find a mode of; try `masting "
                    "sample`, which makes its generated quantities",
                    target->model->name);
  if (mst_batch_begin(&o->batch, target, err) != MASTING_OK) return err->status;
  mst_alloc((void **)&o->global, B, sizeof *o->global, "starts", err);
  mst_alloc((void **)&o->local, B, sizeof *o->local, "starts", err);
  mst_alloc((void **)&o->move, B, sizeof *o->move, "starts", err);
  mst_alloc((void **)&o->instruction, slots, sizeof *o->instruction, "starts", err);
  mst_alloc((void **)&o->start, slots, sizeof *o->start, "starts", err);
  mst_alloc((void **)&o->stepped, slots, sizeof *o->stepped, "starts", err);
  mst_alloc((void **)&o->dot, B * (size_t)mst_dots(options->history), W * 8, "products", err);
  for (size_t b = 0; err->status == MASTING_OK && b < B; b++) {
    make_span(&o->global[b], o->batch.globals, options->history, W, err);
    make_span(&o->local[b], integrated ? 0 : o->batch.locals, options->history, W, err);
  }
  for (size_t c = 0; err->status == MASTING_OK && c < slots; c++)
    mst_ascent_begin(&o->start[c], &o->options);
  if (mst_agree(target->comm, err) == MASTING_OK && integrated) make_marginal(o, err);
  return err->status;
}

masting_status mst_optim_paths(mst_optim *o, int elbo_draws, int64_t draws, int patience,
                               mst_error *err) {
  const mst_target *t = o->target;
  const size_t B = (size_t)t->batches, W = (size_t)t->lanes, slots = B * W;
  const int history = o->options.history;
  MST_ASSERT(!o->marginal);
  if (t->layout.locals && history > MST_PATH_HISTORY)
    mst_fail(err, MASTING_ERR_USAGE,
             "--history %d: with row-local parameters Pathfinder remembers at most %d steps; "
             "expected 1 to %d",
             history, MST_PATH_HISTORY, MST_PATH_HISTORY);
  o->path_options =
      (mst_path_options){elbo_draws, draws, patience, (double)mst_layout_elements(&t->layout)};
  o->std_normal = mst_std_normal(t->isa);
  mst_alloc((void **)&o->path, slots, sizeof *o->path, "paths", err);
  mst_alloc((void **)&o->approx_dot, B * (size_t)mst_approx_dots(history), W * 8, "products", err);
  mst_alloc((void **)&o->path_lp, slots * 2 * (size_t)draws, 8, "log densities", err);
  for (size_t b = 0; err->status == MASTING_OK && b < B; b++) {
    make_path_span(&o->global[b], W, err);
    make_path_span(&o->local[b], W, err);
  }
  for (size_t c = 0; err->status == MASTING_OK && c < slots; c++) {
    double *lp = o->path_lp + 2 * c * (size_t)draws;
    mst_path_begin(&o->path[c], &o->path_options, &o->start[c], lp, lp + draws);
  }
  return mst_agree(t->comm, err);
}

void mst_optim_end(mst_optim *o) {
  for (int b = 0; o->target && b < o->target->batches; b++) {
    if (o->global) free_span(&o->global[b]);
    if (o->local) free_span(&o->local[b]);
  }
  mst_free(&o->global);
  mst_free(&o->local);
  mst_free(&o->move);
  mst_free(&o->instruction);
  mst_free(&o->start);
  mst_free(&o->stepped);
  mst_free(&o->path);
  mst_free(&o->approx_dot);
  mst_free(&o->path_lp);
  if (o->marginal) mst_marginal_end(o->marginal);
  mst_free(&o->marginal);
  mst_free(&o->rows);
  mst_free(&o->dot);
  mst_batch_end(&o->batch);
}
