/* run/sampler.c -- see sampler.h. The loop is replicated on all ranks and its decisions follow from
 * the reduced numbers alone; only writing and reporting differ. What one rank sees alone (a failed
 * write) rides in the next step's message and is agreed on before anybody leaves the loop. */
#include "run/sampler.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "run/checkpoint.h"
#include "run/fixed.h"
#include "run/metric_kind.h"
#include "run/provenance.h"
#include "run/sampler_impl.h"
#include "run/spectrum.h"
#include "run/stop.h"

#define PROGRESS_SECONDS 0.2

void mst_sample_defaults(mst_sample_options *o) {
  memset(o, 0, sizeof *o);
  o->chains = 8;
  o->warmup = 150;
  o->draws = 1000;
  o->seed = 1;
  o->metric = MST_METRIC_DIAG;
  o->pool = 1;
  o->target_accept = 0.8;
  o->max_depth = 10;
  o->init_radius = 2.0;
  o->reduction = MST_EXACT;
  o->latents = MST_LATENTS_AUTO;
  o->checkpoint_every = 300;
}

static mst_adaptation adaptation_of(const mst_sample_options *o) {
  return o->metric == MST_METRIC_UNIT       ? MST_ADAPT_NONE
         : o->metric == MST_METRIC_DIAG_VAR ? MST_ADAPT_VARIANCE
                                            : MST_ADAPT_FISHER;
}

static bool not_diagonal(const mst_sample_options *o) {
  return mst_metric_kind_not_diagonal(o->metric);
}

/* A metric read from a file is not adapted. */
bool mst_sampler_updates_metric(const mst_sampler *s) {
  return not_diagonal(s->options) && !(s->metric_input.path && s->metric_input.fixed);
}

/* Rotations need the means of a pool's estimators and matrices that every rank holds. */
static bool may_rotate(const mst_sample_options *o, mst_adaptation adaptation,
                       const mst_target *t) {
  return o->sampler != MST_SAMPLER_NUTS && o->pool && adaptation == MST_ADAPT_FISHER &&
         !mst_metric_kind_distributed(o, o->metric, t);
}

static masting_status step(mst_sampler *s, mst_error *err) {
  double before = mst_now();
  s->target->abort_requested = s->local.status != MASTING_OK;
  s->target->noted = mst_stop_noted();
  s->target->request = s->comm->rank == 0 ? mst_checkpoint_wanted(s, before) : 0;
  if (mst_engine_step(&s->engine, err) != MASTING_OK) mst_abort_all(s->comm, err);
  s->in_steps += mst_now() - before;
  s->requested |= s->target->requested;
  if (s->target->noted_count > 0) mst_stop_tell();
  /* of rows it is among the requests to stop of this very step; of all else it is known to every
   * rank */
  mst_target_trouble(s->target, &s->local);
  if (s->target->abort_count == 0 && s->local.status == MASTING_OK) return MASTING_OK;
  *err = s->local;
  return mst_agree(s->comm, err);
}

/* ---- starting points ---- */

static masting_status no_start(const mst_sampler *s, int c, mst_error *err) {
  const mst_pass *p = &s->engine.pass;
  const bool density = !isfinite(p->lp[c]);
  return mst_fail(err, MASTING_ERR_INIT,
                  "model %s, chain %d: no starting point: the %s was not finite at %d points drawn "
                  "from (-%g, %g) on the unconstrained scale; expected finite numbers, got %g; try "
                  "`masting check`, --init with a smaller radius, or data on a scale near 1",
                  s->target->model->name, c + 1, density ? "log density" : "gradient",
                  MST_INIT_TRIES, s->options->init_radius, s->options->init_radius,
                  density ? p->lp[c] : p->k1[c]);
}

static masting_status find_starts(mst_sampler *s, mst_error *err) {
  for (bool looking = true; looking;) {
    looking = false;
    if (step(s, err) != MASTING_OK) return err->status;
    for (int c = 0; c < s->engine.slots; c++) {
      looking |= s->engine.tree[c].phase == MST_CHAIN_INIT;
      if (c < s->engine.chains && s->engine.tree[c].phase == MST_CHAIN_FAILED)
        return no_start(s, c, err); /* all ranks see the same */
    }
  }
  return MASTING_OK;
}

static masting_status start_chains(mst_sampler *s, mst_error *err) {
  const mst_adaptation adaptation = s->engine.pass.metric_instruction.adaptation;
  if (find_starts(s, err) != MASTING_OK) return err->status;
  if (s->starts.found && adaptation != MST_ADAPT_NONE) {
    mst_starts_metric(&s->starts, &s->engine.pass);
  } else if (adaptation == MST_ADAPT_FISHER) {
    for (int c = 0; c < s->engine.chains; c++) mst_tree_point(&s->engine.tree[c]);
    s->engine.pass.metric_instruction.from_gradient = true;
    if (step(s, err) != MASTING_OK) return err->status;
  }
  if (not_diagonal(s->options)) mst_metric_update_from_diagonal(&s->metric_update);
  if (mst_metric_at_mode_apply(&s->metric_at_mode, &s->metric_update, err) != MASTING_OK)
    return err->status;
  if (s->options->inverse_mass && not_diagonal(s->options) &&
      mst_metric_update_from_elements(&s->metric_update, s->options->inverse_mass,
                                      s->options->inverse_mass_context, "inverse mass",
                                      err) != MASTING_OK)
    return err->status;
  if (mst_metric_input_apply(&s->metric_input, &s->engine,
                             not_diagonal(s->options) ? &s->metric_update : NULL,
                             err) != MASTING_OK)
    return err->status;
  /* draws on the way in would spoil it */
  if (s->metric_input.path && !s->starts.found) mst_free(&s->metric_update.base);
  for (int c = 0; c < s->engine.slots; c++) {
    if (c >= s->engine.chains)
      s->engine.tree[c].phase = MST_CHAIN_DONE;
    else if (s->options->warmup > 0 || s->warmup.step_known)
      mst_tree_go(&s->engine.tree[c]);
    else
      mst_tree_search(&s->engine.tree[c]);
  }
  return MASTING_OK;
}

/* ---- draws ---- */

static void record(mst_sampler *s, int c, mst_phase phase, int draw) {
  const mst_record_point point = {.chain = c,
                                  .draw = draw,
                                  .phase = phase,
                                  .globals = mst_engine_globals(&s->engine, c),
                                  .locals = mst_engine_locals(&s->engine, c),
                                  .stats = s->engine.tree[c].draw};
  mst_record_draw(&s->record, &point, &s->local);
}

static void made_warmup_draw(mst_sampler *s, int c) {
  int draw = s->warm[c].draws;
  mst_rotation_warmup_draw(&s->rotation, c, &s->engine.tree[c], mst_engine_globals(&s->engine, c));
  if (s->engine.tree[c].rotating) return; /* a trial, which warm-up does not count */
  if (draw < s->options->warmup) s->warmup_done++;
  if (s->options->save_warmup && draw < s->options->warmup) record(s, c, MST_PHASE_WARMUP, draw);
  if (mst_warmup_draw(&s->warmup, c)) mst_rotation_choose(&s->rotation, c);
}

static void made_draw(mst_sampler *s, int c) {
  mst_tree *t = &s->engine.tree[c];
  s->depth_mean += 0.02 * (t->draw.tree_depth - s->depth_mean);
  if (!s->warm[c].over) {
    made_warmup_draw(s, c);
    return;
  }
  s->divergences += t->draw.diverging;
  s->draws_done++;
  mst_rotation_draw(&s->rotation, t);
  record(s, c, MST_PHASE_DRAWS, s->draws[c]);
  if (++s->draws[c] == s->options->draws) t->phase = MST_CHAIN_DONE;
}

static void report(mst_sampler *s, bool finished) {
  const double now = mst_now(), elapsed = now - s->begun;
  if (!s->report || s->comm->rank != 0) return;
  if (!finished && now - s->reported < PROGRESS_SECONDS) return;
  s->reported = now;
  const mst_sample_options *o = s->options;
  const double done = (double)(s->warmup_done + s->draws_done);
  const double all = (double)o->chains * (o->warmup + o->draws);
  double log_step = 0;
  for (int c = 0; c < o->chains; c++) log_step += log(s->engine.tree[c].step_size);
  mst_progress p = {.chains = o->chains,
                    .warmup = o->warmup,
                    .draws = o->draws,
                    .warmup_done = s->warmup_done,
                    .draws_done = s->draws_done,
                    .divergences = s->divergences,
                    .step_size = exp(log_step / o->chains),
                    .mean_depth = s->depth_mean,
                    .gradients = s->engine.gradients,
                    .gradients_per_second = elapsed > 0 ? (double)s->engine.gradients / elapsed : 0,
                    .elapsed = elapsed,
                    .remaining = done > 0 ? elapsed * (all - done) / done : -1,
                    .finished = finished};
  s->report(s->context, &p);
}

static bool all_done(const mst_sampler *s) {
  for (int c = 0; c < s->engine.chains; c++)
    if (s->engine.tree[c].phase != MST_CHAIN_DONE) return false;
  return true;
}

static bool all_warm(const mst_sampler *s) {
  for (int c = 0; c < s->engine.chains; c++)
    if (!s->warm[c].over) return false;
  return true;
}

/* A failure of MPI is everybody's; memory that one rank lacks is told with the next step's
 * message. */
static masting_status shape_failed(mst_sampler *s, mst_error *err) {
  if (s->local.status == MASTING_ERR_MPI) mst_abort_all(s->comm, &s->local);
  return step(s, err);
}

/* Before a step: how each chain that starts a draw makes it. */
static void plan_rotations(mst_sampler *s) {
  for (int c = 0; c < s->engine.chains; c++)
    if (s->engine.tree[c].fresh)
      s->engine.tree[c].rotate = mst_rotation_next(&s->rotation, c, s->warm[c].over, s->draws[c]);
}

/* The reference Gaussian, as soon as the metric is final. */
static void plan_reference(mst_sampler *s) {
  mst_metric_instruction *m = &s->engine.pass.metric_instruction;
  if (!s->engine.pass.global[0].mean || s->rotation.ready || !s->warmup.final) return;
  m->reference = s->warmup.older;
  m->reference_slot = s->warmup.newest;
  s->rotation.ready = s->warmup.fitted > 0; /* from the next step on */
}

static masting_status loop(mst_sampler *s, mst_error *err) {
  const int64_t limit = s->options->max_steps;
  while (!all_done(s) && (limit == 0 || s->engine.steps < limit)) {
    plan_rotations(s);
    mst_warmup_step(&s->warmup);
    plan_reference(s);
    if (mst_sampler_updates_metric(s) &&
        mst_metric_update_step(&s->metric_update, &s->local) != MASTING_OK)
      return shape_failed(s, err);
    if (step(s, err) != MASTING_OK) return err->status;
    for (int c = 0; c < s->engine.chains; c++)
      if (s->engine.made[c]) made_draw(s, c);
    if (s->warm_until == 0 && all_warm(s)) {
      s->warm_until = mst_now();
      s->warm_steps = s->engine.steps;
      if (s->options->save_metric &&
          mst_metric_output(&s->engine, s->options, s->warmup.newest, err) != MASTING_OK)
        return err->status;
    }
    report(s, false);
    if (s->requested && mst_checkpoint_carry_out(s, err) != MASTING_OK) return err->status;
    if (s->stopped) return MASTING_OK;
  }
  if (limit == 0 && mst_checkpoint_last(s, err) != MASTING_OK) return err->status;
  if (s->local.status == MASTING_OK) mst_record_moments(&s->record, &s->local);
  *err = s->local;
  return mst_agree(s->comm, err);
}

/* ---- all of it ---- */

static masting_status prepare(mst_sampler *s, const mst_model_set *model, const mst_dataset *data,
                              mst_isa isa, mst_error *err) {
  const mst_sample_options *o = s->options;
  if (mst_target_create(&s->target, s->comm, model, data, isa, o->chains, o->lanes, o->reduction,
                        err) != MASTING_OK)
    return err->status;
  if (mst_fixed_is(s->target)) return MASTING_OK;
  if (mst_metric_input_read(&s->metric_input, s->target, &s->own, err) != MASTING_OK ||
      (o->resume && mst_checkpoint_open(s, err) != MASTING_OK))
    return err->status;
  if (o->init != MST_INIT_RANDOM && !o->resume) {
    mst_ascent_options ascent;
    mst_ascent_defaults(&ascent);
    ascent.seed = o->seed;
    ascent.init_radius = o->init_radius;
    ascent.max_iterations = MST_START_ITERATIONS;
    if ((o->init == MST_INIT_MODE ? mst_starts_modes : mst_starts_paths)(
            &s->starts, s->target, &ascent, err) != MASTING_OK)
      return err->status;
  }
  const mst_adaptation adaptation =
      mst_metric_input_complete(&s->metric_input, s->target) ? MST_ADAPT_NONE : adaptation_of(o);
  const mst_engine_options eo = {.seed = o->seed,
                                 .init_radius = o->init_radius,
                                 .step_size = 1.0,
                                 .max_depth = o->max_depth,
                                 .adaptation = adaptation,
                                 .pooled = o->pool,
                                 .rotates = may_rotate(o, adaptation, s->target)};
  if (mst_engine_begin(&s->engine, s->target, &eo, err) != MASTING_OK) return err->status;
  s->engine.keeps_starts = o->checkpoint && mst_engine_may_keep(&s->engine);
  if (s->starts.has_start) mst_starts_give(&s->starts, &s->engine.pass);
  if (not_diagonal(o) && mst_metric_kind_begin(&s->metric_update, &s->engine, o, err) != MASTING_OK)
    return err->status;
  if (s->starts.found && not_diagonal(o) && !s->metric_input.path &&
      mst_metric_at_mode_make(&s->metric_at_mode, &s->starts, s->target,
                              s->metric_update.distributed ? &s->metric_update.dist.grid : NULL,
                              err) != MASTING_OK)
    return err->status;
  if (o->ask) mst_stop_begin(); /* from here on there is something to be kept in order */
  if (o->resume ? mst_checkpoint_file(s, err) != MASTING_OK
                : o->out && mst_provenance_open(&s->file, s->comm, o, s->target, err) != MASTING_OK)
    return err->status;
  mst_alloc((void **)&s->warm, (size_t)o->chains, sizeof *s->warm, "chains", err);
  mst_alloc((void **)&s->draws, (size_t)o->chains, sizeof *s->draws, "chains", err);
  mst_rotation_begin(&s->rotation, eo.rotates ? o->sampler : MST_SAMPLER_NUTS,
                     s->target->layout.globals, s->target->layout.locals > 0, o->chains, err);
  mst_record_begin(&s->record, s->target, o->seed, o->chains, s->file, err);
  if (mst_agree(s->comm, err) != MASTING_OK) return err->status;
  mst_warmup_begin(&s->warmup, &s->engine.pass, s->engine.tree, s->warm, o->chains, o->warmup,
                   o->target_accept);
  if (eo.rotates && o->warmup > 0 && s->warmup.least_settled < MST_ROTATION_TRIALS)
    s->warmup.least_settled = MST_ROTATION_TRIALS;
  /* distributed, a fit is P^3 however few the draws */
  s->warmup.growth = !mst_sampler_updates_metric(s) ? 1.0
                     : s->metric_update.distributed ? 2.0
                                                    : 1.3;
  if (mst_metric_input_step(&s->metric_input, o, 0) > 0) {
    for (int c = 0; c < o->chains; c++)
      s->engine.tree[c].step_size = mst_metric_input_step(&s->metric_input, o, c);
    mst_warmup_knows_steps(&s->warmup);
  }
  return o->resume ? mst_checkpoint_read(s, err) : MASTING_OK;
}

static void fill_metric(const mst_sampler *s, mst_sample_result *r) {
  r->metric_kind = s->options->metric == MST_METRIC_UNIT ? "unit" : "diagonal";
  if (!not_diagonal(s->options)) return;
  const mst_metric *metric = &s->engine.pass.metric[s->warmup.newest];
  const bool dense = metric->kind == MST_KIND_DENSE;
  if (dense || metric->rank > 0) r->metric_kind = dense ? "dense" : "low rank";
  r->metric_distributed = dense && s->metric_update.distributed;
  r->metric_rank = dense ? 0 : metric->rank;
  r->metric_condition =
      s->metric_update.fits || s->metric_update.base || s->metric_update.dist.has_base
          ? s->metric_update.condition
          : 0;
  r->metric_fits = s->metric_update.fits;
  r->metric_seconds = s->metric_update.seconds;
}

static void fill_result(const mst_sampler *s, mst_sample_result *r) {
  const double now = mst_now();
  fill_metric(s, r);
  r->rotations = s->rotation.after;
  for (int k = 0; k <= MST_ROTATION_MOST; k++) {
    r->trial[k] = s->rotation.kind[k];
    r->trial_worth[k] = mst_rotation_worth(&s->rotation, k);
  }
  r->steps = s->engine.steps;
  r->warmup_steps = s->warm_until > 0 ? s->warm_steps : s->engine.steps;
  r->warmup = s->options->warmup;
  r->gradients = s->engine.gradients;
  r->collectives = s->target->collectives;
  r->collective_bytes = s->target->collective_bytes;
  r->divergences = s->divergences;
  r->warmup_done = s->warmup_done;
  r->draws_done = s->draws_done;
  r->draws_least = s->options->draws;
  for (int c = 0; c < s->options->chains; c++)
    if (s->draws[c] < r->draws_least) r->draws_least = s->draws[c];
  r->stopped = s->stopped;
  r->resumable = s->resumable;
  r->checkpoints = s->checkpoints;
  r->checkpoint_bytes = s->checkpoint_bytes;
  r->checkpoint_seconds = s->checkpoint_seconds;
  r->start_gradients = s->starts.gradients + s->metric_at_mode.passes * s->engine.slots;
  r->start_passes = s->starts.passes + s->metric_at_mode.passes;
  r->starts_found = s->starts.found;
  r->start_k = s->starts.k;
  r->start_seconds = s->starts.seconds;
  r->warmup_seconds = (s->warm_until > 0 ? s->warm_until : now) - s->begun;
  r->sampling_seconds = s->warm_until > 0 ? now - s->warm_until : 0;
  r->step_seconds = s->engine.steps ? s->in_steps / (double)s->engine.steps : 0;
}

/* A run that was stopped: its draws stay, whole where that is asked for; else, with a checkpoint,
 * as it refers to them. Collective. */
static masting_status keep_stopped(mst_sampler *s, mst_sample_result *r, mst_error *err) {
  const bool finish = s->options->finish && r->draws_least > 0;
  r->kept = s->resumable;
  if (r->draws_least == 0 || (s->resumable && !finish)) return MASTING_OK;
  if (s->local.status == MASTING_OK) mst_record_moments(&s->record, &s->local);
  *err = s->local;
  if (mst_agree(s->comm, err) == MASTING_OK &&
      mst_provenance_stop(&s->file, r, r->draws_least, finish, err) == MASTING_OK) {
    r->kept = true;
    r->finished = finish;
  }
  if (r->finished) mst_checkpoint_forget(s);
  r->resumable = s->resumable;
  return err->status;
}

/* After a failure: what was buffered may still be written. */
static void flush_rest(mst_sampler *s) {
  mst_error ignored = {0};
  mst_drawfile_flush(s->file, &ignored);
}

void mst_sample_result_free(mst_sample_result *result) { mst_directions_free(&result->directions); }

masting_status mst_sample(const mst_comm *comm, const mst_model_set *model, const mst_dataset *data,
                          mst_isa isa, const mst_sample_options *options, mst_progress_fn *progress,
                          void *context, mst_sample_result *result, mst_error *err) {
  mst_sampler s = {.comm = comm, .own = *options, .report = progress, .context = context};
  s.options = &s.own;
  memset(result, 0, sizeof *result);
  s.begun = mst_now();
  prepare(&s, model, data, isa, err);
  if (err->status == MASTING_OK && mst_fixed_is(s.target)) {
    mst_fixed_sample(comm, s.target, options, result, err);
    result->layout = *mst_target_layout(s.target);
    mst_target_free(&s.target);
    return err->status;
  }
  if (err->status == MASTING_OK && !options->resume) {
    mst_checkpoint_forget(&s);
    start_chains(&s, err);
  }
  result->first_gradient_seconds = mst_now() - s.begun;
  if (err->status == MASTING_OK) loop(&s, err);
  if (err->status == MASTING_OK) {
    fill_result(&s, result);
    report(&s, !s.stopped);
    result->layout = *mst_target_layout(s.target);
    if (options->spectrum)
      mst_spectrum_of_metric(&result->directions, &s.engine, s.warmup.newest, err);
    mst_record_tell(&s.record);
  }
  if (err->status == MASTING_OK && s.file && !s.stopped &&
      mst_provenance_close(&s.file, result, err) == MASTING_OK && !options->checkpoint_keep)
    mst_checkpoint_forget(&s);
  if (err->status == MASTING_OK && s.file && s.stopped) keep_stopped(&s, result, err);
  /* draws that were reported stay, in PATH.partial */
  if (s.file && err->status != MASTING_OK) flush_rest(&s);
  if (s.file)
    mst_drawfile_abandon(&s.file,
                         s.resumable || (s.draws_done > 0 && !(s.stopped && !result->draws_least)));
  if (s.archive) mst_archive_end(&s.archive, err);
  mst_stop_end();
  mst_record_end(&s.record);
  mst_metric_input_free(&s.metric_input);
  mst_metric_at_mode_free(&s.metric_at_mode);
  mst_metric_update_end(&s.metric_update);
  mst_engine_end(&s.engine);
  mst_starts_free(&s.starts);
  mst_free(&s.warm);
  mst_free(&s.draws);
  mst_rotation_end(&s.rotation);
  free(s.folder);
  mst_target_free(&s.target);
  return err->status;
}
