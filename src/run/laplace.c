/* run/laplace.c -- see laplace.h. */
#include "run/laplace.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "optim/blocks.h"
#include "optim/curvature.h"
#include "optim/gauss.h"
#include "run/provenance.h"
#include "run/record.h"
#include "run/spectrum.h"
#include "store/point.h"

#define MANY 4096 /* fewer elements are not worth waking threads for */

typedef struct work {
  const mst_laplace_options *options;
  mst_laplace_result *result;
  mst_target *target;
  mst_batch batch;
  mst_marginal marginal; /* unless there is nothing row-local, or joint */
  bool integrated;
  mst_hessian hessian;
  mst_gauss gauss;
  double *y, *local; /* the mode */
  double *draw, *draw_local;
  double *log_weight, *global_weight; /* [draws] */
  mst_drawfile *file;
  mst_record record;
} work;

void mst_laplace_defaults(mst_laplace_options *o) {
  memset(o, 0, sizeof *o);
  mst_modes_defaults(&o->mode);
  o->mode.out = "draws.h5";
  o->draws = 1000;
}

void mst_laplace_free(mst_laplace_result *r) {
  mst_modes_free(&r->modes);
  mst_free(&r->sd);
  mst_directions_free(&r->directions);
}

static masting_status prepare(work *w, mst_error *err) {
  w->integrated = w->target->layout.locals > 0 && !w->options->joint;
  w->result->integrated = w->integrated;
  const size_t P = (size_t)w->target->layout.globals;
  const size_t n = (size_t)(w->target->data->shard.rows * w->target->layout.locals);
  mst_alloc((void **)&w->y, P, 8, "mode", err);
  mst_alloc((void **)&w->local, n, 8, "mode", err);
  mst_alloc((void **)&w->draw, P, 8, "a draw", err);
  mst_alloc((void **)&w->draw_local, n, 8, "a draw", err);
  mst_alloc((void **)&w->log_weight, (size_t)w->options->draws, 8, "weights", err);
  mst_alloc((void **)&w->global_weight, (size_t)w->options->draws, 8, "weights", err);
  mst_alloc((void **)&w->result->sd, P, 8, "standard deviations", err);
  return mst_agree(w->target->comm, err);
}

/* ---- mode and Hessian ---- */

static masting_status find_mode(work *w, mst_optim_report *report, void *context, mst_error *err) {
  const mst_target *t = w->target;
  mst_optim optim = {0};
  mst_ascent_options ascent = w->options->mode.ascent;
  mst_modes_result *modes = &w->result->modes;
  if (w->options->mode_file)
    return mst_point_read(t->comm, w->options->mode_file, &t->layout, &t->data->shard, 0, 0, w->y,
                          w->local, err);
  ascent.integrated = w->integrated;
  if (mst_optim_begin(&optim, w->target, &ascent, err) == MASTING_OK &&
      mst_modes_ascend(&optim, report, context, modes, err) == MASTING_OK) {
    mst_optim_globals(&optim, modes->mode[0].start - 1, w->y);
    mst_optim_locals(&optim, modes->mode[0].start - 1, w->local);
    w->result->mode_passes = optim.marginal ? optim.marginal->evaluations : optim.steps;
  }
  mst_optim_end(&optim);
  return err->status;
}

/* Standard deviations, and how far the point is from the approximation's mode: g'(-S)^-1 g. */
static masting_status judge_point(work *w, mst_error *err) {
  const mst_hessian *h = &w->hessian;
  const size_t P = (size_t)h->globals;
  double *covariance = NULL, square = 0;
  mst_alloc((void **)&covariance, P * P, 8, "covariance", err);
  if (err->status == MASTING_OK) mst_hessian_covariance(h, &w->target->layout, covariance, err);
  for (size_t i = 0; err->status == MASTING_OK && i < P; i++) {
    w->result->sd[i] = sqrt(covariance[i * (P + 1)]);
    for (size_t j = 0; j < P; j++)
      square += h->gradient[i] * covariance[i * P + j] * h->gradient[j];
  }
  w->result->distance = sqrt(square);
  mst_free(&covariance);
  return mst_agree(w->target->comm, err);
}

static double precision_of(int i, int j, void *context) {
  const mst_hessian *h = context;
  return -h->matrix[(int64_t)i * h->globals + j];
}

static masting_status find_curvature(work *w, mst_error *err) {
  if (mst_batch_begin(&w->batch, w->target, err) != MASTING_OK ||
      mst_hessian_at_mode(&w->hessian, &w->batch, &w->marginal, w->y, w->local, w->integrated, NULL,
                          err) != MASTING_OK ||
      mst_gauss_begin(&w->gauss, &w->hessian, &w->batch, w->integrated ? &w->marginal : NULL, w->y,
                      w->local, w->options->mode.ascent.seed, err) != MASTING_OK)
    return err->status;
  w->result->lp = w->hessian.lp;
  w->result->asymmetry = w->hessian.asymmetry;
  w->result->hessian_passes = w->hessian.evaluations;
  if (judge_point(w, err) != MASTING_OK) return err->status;
  return mst_directions_of_elements(&w->result->directions, w->target->comm,
                                    (int)w->hessian.globals, precision_of, &w->hessian,
                                    MST_OF_PRECISION, err);
}

/* ---- draws ---- */

static masting_status open_file(work *w, mst_error *err) {
  const mst_modes_options *o = &w->options->mode;
  const mst_attribute attributes[] = {
      {"method", "laplace", 0},
      {"integrated", NULL, w->integrated},
      {"mode_file", w->options->mode_file ? w->options->mode_file : "", 0},
      {"lp_at_mode", NULL, w->result->lp},
      {"distance_from_mode", NULL, w->result->distance},
      {"mode_passes", NULL, (double)w->result->mode_passes},
      {"hessian_passes", NULL, (double)w->result->hessian_passes}};
  const mst_drawfile_spec spec = {.path = o->out,
                                  .force = o->force,
                                  .kind = MST_DRAWS_LAPLACE,
                                  .chains = 1,
                                  .draws = w->options->draws,
                                  .latents = o->latents,
                                  .data_path = o->data_path,
                                  .attributes = attributes,
                                  .nattributes = sizeof attributes / sizeof *attributes};
  const mst_origin origin = {o->ascent.seed, o->command_line};
  if (mst_provenance_create(&w->file, w->target->comm, w->target, &spec, &origin, err) !=
      MASTING_OK)
    return err->status;
  mst_record_begin(&w->record, w->target, o->ascent.seed, 1, w->file, err);
  return mst_agree(w->target->comm, err);
}

/* A slot's draw; an error is this rank's alone. */
static void put_draw(work *w, int slot, int draw, mst_error *mine) {
  const mst_batch *b = &w->batch;
  const double lp = b->lp[slot], approx = w->gauss.lp_approx[slot];
  for (int64_t i = 0; i < b->globals; i++) w->draw[i] = b->y[mst_batch_global(b, slot, i)];
#pragma omp parallel for schedule(static) num_threads(w->target->threads) if (b->locals > MANY)
  for (int64_t i = 0; i < b->locals; i++) w->draw_local[i] = b->local[mst_batch_local(b, slot, i)];
  w->log_weight[draw] = isfinite(lp) ? lp - approx : -INFINITY;
  const double globals = w->gauss.log_weight[slot];
  w->global_weight[draw] = isfinite(globals) ? globals : -INFINITY;
  w->result->refused += !isfinite(lp);
  const mst_record_point point = {.draw = draw,
                                  .globals = w->draw,
                                  .locals = w->draw_local,
                                  .stats = {.lp = lp,
                                            .lp_approx = approx,
                                            .log_weight = w->log_weight[draw],
                                            .log_weight_globals = w->global_weight[draw]}};
  mst_record_draw(&w->record, &point, mine);
}

/* Ranks agree on write failures once per pass, so none waits for a rank that has left. */
static masting_status make_draws(work *w, mst_error *err) {
  const int slots = w->batch.slots, draws = w->options->draws;
  for (int first = 0; first < draws; first += slots) {
    mst_error mine = {0};
    if (mst_gauss_draw(&w->gauss, first, err) != MASTING_OK) return err->status;
    for (int s = 0; s < slots && first + s < draws; s++) put_draw(w, s, first + s, &mine);
    *err = mine;
    if (mst_agree(w->target->comm, err) != MASTING_OK) return err->status;
  }
  mst_record_moments(&w->record, err);
  return mst_agree(w->target->comm, err);
}

static double effective_draws(const double *log_weight, int n) {
  double largest = -INFINITY, sum = 0, squares = 0;
  for (int i = 0; i < n; i++) largest = fmax(largest, log_weight[i]);
  for (int i = 0; i < n && isfinite(largest); i++) {
    const double x = exp(log_weight[i] - largest);
    sum += x;
    squares += x * x;
  }
  return squares > 0 ? sum * sum / squares : 0;
}

static masting_status write_draws(work *w, mst_error *err) {
  mst_laplace_result *r = w->result;
  if (open_file(w, err) == MASTING_OK && make_draws(w, err) == MASTING_OK) {
    r->draw_passes = w->gauss.evaluations;
    r->weight_ess = effective_draws(w->log_weight, w->options->draws);
    r->global_ess = effective_draws(w->global_weight, w->options->draws);
    const mst_attribute closing[] = {{"draw_passes", NULL, (double)r->draw_passes},
                                     {"weight_ess", NULL, r->weight_ess},
                                     {"weight_ess_globals", NULL, r->global_ess}};
    mst_drawfile_finish(&w->file, closing, sizeof closing / sizeof *closing, err);
  }
  mst_drawfile_abandon(&w->file, 0);
  return err->status;
}

/* ---- all of it ---- */

masting_status mst_laplace(const mst_comm *comm, const mst_model_set *model,
                           const mst_dataset *data, mst_isa isa, const mst_laplace_options *options,
                           mst_optim_report *report, void *context, mst_laplace_result *result,
                           mst_error *err) {
  const mst_modes_options *o = &options->mode;
  work w = {.options = options, .result = result};
  double begun = mst_now(), now;
  memset(result, 0, sizeof *result);
  if (mst_target_create(&w.target, comm, model, data, isa, o->starts, o->lanes, o->reduction,
                        err) == MASTING_OK &&
      prepare(&w, err) == MASTING_OK && find_mode(&w, report, context, err) == MASTING_OK) {
    now = mst_now();
    result->mode_seconds = now - begun;
    begun = now;
    if (find_curvature(&w, err) == MASTING_OK) {
      now = mst_now();
      result->hessian_seconds = now - begun;
      begun = now;
      write_draws(&w, err);
      result->draw_seconds = mst_now() - begun;
    }
  }
  if (w.target) result->modes.layout = w.target->layout;
  mst_record_tell(&w.record);
  mst_record_end(&w.record);
  if (w.gauss.batch) mst_gauss_end(&w.gauss);
  mst_marginal_end(&w.marginal);
  mst_hessian_free(&w.hessian);
  mst_batch_end(&w.batch);
  mst_free(&w.y);
  mst_free(&w.local);
  mst_free(&w.draw);
  mst_free(&w.draw_local);
  mst_free(&w.log_weight);
  mst_free(&w.global_weight);
  mst_target_free(&w.target);
  return err->status;
}
