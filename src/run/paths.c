/* run/paths.c -- see paths.h. */
#include "run/paths.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "run/provenance.h"
#include "run/record.h"

void mst_paths_defaults(mst_paths_options *o) {
  memset(o, 0, sizeof *o);
  mst_pathfinder_defaults(&o->path);
  o->paths = 8;
  o->draws = 1000;
  o->resample = 1;
  o->reduction = MST_EXACT;
  o->latents = MST_LATENTS_AUTO;
}

void mst_paths_free(mst_paths_result *r) { mst_free(&r->path); }

typedef struct writer {
  mst_pathfinder finder;
  const mst_paths_options *options;
  mst_record record;
  mst_drawfile *file;
  double *y, *local;
} writer;

/* Writes a draw to its place in the file; mst_pathfinder_emit agrees on a rank's error. */
static masting_status put(void *context, const mst_pathfinder_draw *d, mst_error *err) {
  writer *w = context;
  const mst_batch *b = &w->finder.optim.batch;
  const int64_t each = w->finder.options.draws;
  for (int64_t i = 0; i < b->globals; i++) w->y[i] = b->y[mst_batch_global(b, d->path, i)];
  for (int64_t i = 0; i < b->locals; i++) w->local[i] = b->local[mst_batch_local(b, d->path, i)];
  const bool chosen = w->options->resample;
  const mst_record_point point = {.chain = chosen ? 0 : (int)(d->index / each),
                                  .draw = (int)(chosen ? d->index : d->index % each),
                                  .globals = w->y,
                                  .locals = w->local,
                                  .stats = {.lp = d->lp,
                                            .lp_approx = d->log_approx,
                                            .log_weight = d->log_weight,
                                            .path = d->path + 1}};
  return mst_record_draw(&w->record, &point, err);
}

static masting_status open_file(writer *w, mst_error *err) {
  const mst_paths_options *o = w->options;
  const mst_attribute attributes[] = {{"method", "pathfinder", 0},
                                      {"paths", NULL, o->paths},
                                      {"pareto_k", NULL, w->finder.k},
                                      {"resampled", NULL, o->resample},
                                      {"elbo_draws", NULL, o->path.elbo_draws},
                                      {"path_draws", NULL, (double)o->path.draws},
                                      {"history", NULL, o->path.ascent.history},
                                      {"init_radius", NULL, o->path.ascent.init_radius}};
  const mst_drawfile_spec spec = {.path = o->out,
                                  .force = o->force,
                                  .kind = MST_DRAWS_PATHS,
                                  .chains = o->resample ? 1 : w->finder.sound,
                                  .draws = o->resample ? o->draws : (int)o->path.draws,
                                  .latents = o->latents,
                                  .data_path = o->data_path,
                                  .attributes = attributes,
                                  .nattributes = sizeof attributes / sizeof *attributes};
  const mst_origin origin = {o->path.ascent.seed, o->command_line};
  const mst_target *t = w->finder.optim.target;
  if (mst_provenance_create(&w->file, t->comm, t, &spec, &origin, err) != MASTING_OK)
    return err->status;
  mst_record_begin(&w->record, t, o->path.ascent.seed, spec.chains, w->file, err);
  mst_alloc((void **)&w->y, (size_t)w->finder.optim.batch.globals, 8, "a draw", err);
  mst_alloc((void **)&w->local, (size_t)w->finder.optim.batch.locals, 8, "a draw", err);
  return mst_agree(t->comm, err);
}

static void tell(const mst_pathfinder *p, mst_paths_result *r) {
  for (int c = 0; c < p->optim.starts; c++) {
    const mst_path *path = &p->optim.path[c];
    const mst_ascent *ascent = &p->optim.start[c];
    r->path[c] = (mst_path_end){.lp = -ascent->f,
                                .elbo = path->best_elbo,
                                .iterations = ascent->iterations,
                                .best = path->best_iteration,
                                .evaluations = path->evaluations,
                                .sound = path->state == MST_PATH_WAIT,
                                .end = ascent->end};
    for (int64_t i = 0; i < p->options.draws; i++)
      r->path[c].share += exp(p->log_weight[c * p->options.draws + i]);
  }
  r->k = p->k;
  r->sound = p->sound;
}

static masting_status write_draws(writer *w, mst_error *err) {
  const mst_comm *comm = w->finder.optim.target->comm;
  const mst_attribute attributes[] = {{"gradients", NULL, (double)w->finder.optim.gradients}};
  if (open_file(w, err) != MASTING_OK) return err->status;
  if (mst_pathfinder_emit(&w->finder, w->options->resample, true, w->options->draws, put, w, err) !=
      MASTING_OK)
    return err->status;
  mst_record_moments(&w->record, err);
  if (mst_agree(comm, err) == MASTING_OK) mst_drawfile_finish(&w->file, attributes, 1, err);
  return err->status;
}

masting_status mst_paths_run(const mst_comm *comm, const mst_model_set *model,
                             const mst_dataset *data, mst_isa isa, const mst_paths_options *options,
                             mst_optim_report *report, void *context, mst_paths_result *r,
                             mst_error *err) {
  mst_target *target = NULL;
  writer w = {.options = options};
  const double begun = mst_now();
  memset(r, 0, sizeof *r);
  mst_alloc((void **)&r->path, (size_t)options->paths, sizeof *r->path, "paths", err);
  if (mst_agree(comm, err) == MASTING_OK &&
      mst_target_create(&target, comm, model, data, isa, options->paths, options->lanes,
                        options->reduction, err) == MASTING_OK &&
      mst_pathfinder_run(&w.finder, target, &options->path, report, context, err) == MASTING_OK) {
    tell(&w.finder, r);
    if (options->out) write_draws(&w, err);
    r->steps = w.finder.optim.steps;
    r->gradients = w.finder.optim.gradients;
    r->collectives = target->collectives;
    r->collective_bytes = target->collective_bytes;
    r->seconds = mst_now() - begun;
  }
  mst_drawfile_abandon(&w.file, 0);
  mst_record_tell(&w.record);
  mst_record_end(&w.record);
  mst_free(&w.y);
  mst_free(&w.local);
  mst_pathfinder_end(&w.finder);
  mst_target_free(&target);
  return err->status;
}
