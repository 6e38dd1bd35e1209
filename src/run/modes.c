/* run/modes.c -- see modes.h. */
#include "run/modes.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "run/provenance.h"
#include "run/record.h"
#include "run/spectrum.h"

void mst_modes_defaults(mst_modes_options *o) {
  memset(o, 0, sizeof *o);
  mst_ascent_defaults(&o->ascent);
  o->starts = 8;
  o->reduction = MST_EXACT;
  o->latents = MST_LATENTS_AUTO;
}

void mst_modes_free(mst_modes_result *r) {
  mst_free(&r->mode);
  mst_free(&r->theta);
  mst_directions_free(&r->directions);
}

masting_status mst_modes_runaway(const char *model, const mst_mode *m, mst_error *err) {
  if (m->outcome.end == MST_END_INFINITY)
    return mst_fail(
        err, MASTING_ERR_MODEL,
        "model %s, start %d: mode at infinity: the log density rises, ever more slowly, as %s "
        "%s; the data do not bound it (as when one covariate separates the outcomes of a "
        "logistic regression); expected a proper posterior; try a proper prior on %.*s, such "
        "as normal(0, 2.5)",
        model, m->start, m->outcome.name, m->outcome.where, (int)strcspn(m->outcome.name, "["),
        m->outcome.name);
  return mst_fail(
      err, MASTING_ERR_MODEL,
      "model %s, start %d: the log density grows without bound as %s %s (lp %.6g after %d "
      "iterations); expected a density with a highest point; try a prior on %.*s that keeps "
      "it away from there, a non-centred parameterisation, or `masting sample`, which needs "
      "no mode",
      model, m->start, m->outcome.name, m->outcome.where, m->lp, m->iterations,
      (int)strcspn(m->outcome.name, "["), m->outcome.name);
}

/* What became of start c. Collective. */
static void tell(const mst_optim *o, int c, mst_mode *m) {
  const mst_ascent *s = &o->start[c];
  *m = (mst_mode){.start = c + 1,
                  .lp = -s->f,
                  .gradient = s->norm_g,
                  .iterations = s->iterations,
                  .evaluations = s->evaluations};
  mst_optim_outcome(o, c, &m->outcome);
}

static bool before(const mst_mode *a, const mst_mode *b) {
  const bool x = mst_ascent_converged(a->outcome.end), y = mst_ascent_converged(b->outcome.end);
  return x != y ? x : a->lp > b->lp;
}

static masting_status show_best(const mst_optim *o, mst_modes_result *r, double *y,
                                mst_error *err) {
  mst_record record = {0};
  const mst_record_point best = {.globals = y};
  mst_optim_globals(o, r->mode[0].start - 1, y);
  if (mst_record_begin(&record, o->target, o->options.seed, 1, NULL, err) == MASTING_OK)
    memcpy(r->theta, mst_record_theta(&record, &best),
           (size_t)(r->layout.globals + r->layout.derived) * sizeof *r->theta);
  if (err->status == MASTING_OK) mst_target_trouble(o->target, err);
  mst_record_end(&record);
  return mst_agree(o->target->comm, err);
}

/* The best first; an error if all starts run away. Collective. */
static masting_status judge(const mst_optim *o, mst_modes_result *r, double *y, mst_error *err) {
  for (int c = 0; c < o->starts; c++) {
    mst_mode mode;
    tell(o, c, &mode);
    int at = c;
    for (; at > 0 && before(&mode, &r->mode[at - 1]); at--) r->mode[at] = r->mode[at - 1];
    r->mode[at] = mode;
  }
  for (int i = 0; i < o->starts; i++)
    if (!*r->mode[i].outcome.name) return show_best(o, r, y, err);
  return mst_modes_runaway(r->layout.model->name, &r->mode[0], err);
}

/* ---- the file ---- */

static void put_modes(mst_record *record, const mst_optim *o, const mst_modes_result *r, double *y,
                      double *local, mst_error *err) {
  for (int i = 0; i < o->starts; i++) {
    const mst_mode *m = &r->mode[i];
    mst_optim_globals(o, m->start - 1, y);
    mst_optim_locals(o, m->start - 1, local);
    const mst_record_point point = {.chain = i,
                                    .globals = y,
                                    .locals = local,
                                    .stats = {.lp = m->lp,
                                              .iterations = m->iterations,
                                              .evaluations = m->evaluations,
                                              .converged = mst_ascent_converged(m->outcome.end)}};
    mst_record_draw(record, &point, err);
  }
  if (err->status == MASTING_OK) mst_record_moments(record, err);
}

static masting_status write_file(const mst_optim *o, const mst_modes_options *options,
                                 const mst_modes_result *r, double *y, double *local,
                                 mst_error *err) {
  const mst_attribute attributes[] = {{"method", "optimize", 0},
                                      {"init_radius", NULL, options->ascent.init_radius},
                                      {"history", NULL, options->ascent.history},
                                      {"evaluations", NULL, (double)r->gradients},
                                      {"time", NULL, r->seconds}};
  const mst_drawfile_spec spec = {.path = options->out,
                                  .force = options->force,
                                  .kind = MST_DRAWS_MODES,
                                  .chains = o->starts,
                                  .draws = 1,
                                  .latents = options->latents,
                                  .data_path = options->data_path,
                                  .attributes = attributes,
                                  .nattributes = sizeof attributes / sizeof *attributes};
  const mst_origin origin = {options->ascent.seed, options->command_line};
  const mst_comm *comm = o->target->comm;
  mst_drawfile *file = NULL;
  mst_record record = {0};
  if (mst_provenance_create(&file, comm, o->target, &spec, &origin, err) != MASTING_OK)
    return err->status;
  mst_record_begin(&record, o->target, options->ascent.seed, o->starts, file, err);
  if (err->status == MASTING_OK) put_modes(&record, o, r, y, local, err);
  if (mst_agree(comm, err) == MASTING_OK) mst_drawfile_finish(&file, NULL, 0, err);
  mst_drawfile_abandon(&file, 0);
  mst_record_tell(&record);
  mst_record_end(&record);
  return err->status;
}

/* ---- all of it ---- */

masting_status mst_modes_ascend(mst_optim *o, mst_optim_report *report, void *context,
                                mst_modes_result *r, mst_error *err) {
  const mst_target *t = o->target;
  double *y = NULL;
  mst_alloc((void **)&y, (size_t)t->layout.globals, 8, "a mode", err);
  mst_alloc((void **)&r->mode, (size_t)o->starts, sizeof *r->mode, "modes", err);
  mst_alloc((void **)&r->theta, (size_t)(t->layout.globals + t->layout.derived), 8, "a mode", err);
  r->layout = t->layout;
  const double begun = mst_now();
  if (mst_agree(t->comm, err) == MASTING_OK &&
      mst_optim_run(o, report, context, err) == MASTING_OK) {
    r->seconds = mst_now() - begun;
    r->steps = o->steps;
    r->gradients = o->gradients;
    r->collectives = t->collectives;
    r->collective_bytes = t->collective_bytes;
    judge(o, r, y, err);
  }
  mst_free(&y);
  return err->status;
}

static masting_status write_modes(const mst_optim *o, const mst_modes_options *options,
                                  const mst_modes_result *r, mst_error *err) {
  const mst_target *t = o->target;
  double *y = NULL, *local = NULL;
  mst_alloc((void **)&y, (size_t)t->layout.globals, 8, "a mode", err);
  mst_alloc((void **)&local, (size_t)o->batch.locals, 8, "a mode", err);
  if (mst_agree(t->comm, err) == MASTING_OK) write_file(o, options, r, y, local, err);
  mst_free(&y);
  mst_free(&local);
  return err->status;
}

/* The spectrum of the Hessian where the best start ended. */
static masting_status look_around(const mst_optim *o, const mst_modes_options *options,
                                  mst_modes_result *r, mst_error *err) {
  mst_target *t = o->target;
  double *y = NULL, *local = NULL;
  mst_alloc((void **)&y, (size_t)t->layout.globals, 8, "a mode", err);
  mst_alloc((void **)&local, (size_t)o->batch.locals, 8, "a mode", err);
  if (mst_agree(t->comm, err) == MASTING_OK) {
    mst_optim_globals(o, r->mode[0].start - 1, y);
    mst_optim_locals(o, r->mode[0].start - 1, local);
    mst_spectrum_at_mode(&r->directions, t, y, local,
                         options->ascent.integrated && t->layout.locals > 0, &r->hessian_passes,
                         err);
  }
  mst_free(&y);
  mst_free(&local);
  return err->status;
}

masting_status mst_modes_find(const mst_comm *comm, const mst_model_set *model,
                              const mst_dataset *data, mst_isa isa,
                              const mst_modes_options *options, mst_optim_report *report,
                              void *context, mst_modes_result *result, mst_error *err) {
  mst_target *target = NULL;
  mst_optim optim = {0};
  memset(result, 0, sizeof *result);
  if (mst_target_create(&target, comm, model, data, isa, options->starts, options->lanes,
                        options->reduction, err) == MASTING_OK &&
      mst_optim_begin(&optim, target, &options->ascent, err) == MASTING_OK &&
      mst_modes_ascend(&optim, report, context, result, err) == MASTING_OK) {
    if (options->out) write_modes(&optim, options, result, err);
    if (options->hessian && err->status == MASTING_OK) look_around(&optim, options, result, err);
  }
  mst_optim_end(&optim);
  mst_target_free(&target);
  return err->status;
}
