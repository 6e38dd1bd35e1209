/* optim/optim.c -- see optim.h. */
#include "optim/optim.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"

#define GLOBAL_ADDRESS (UINT64_C(1) << 62) /* as in the sampler: the starts are its own */
#define REPORT_SECONDS 0.2
#define NEWTON_STEPS 50 /* of rows, to their highest points */
#define CHUNK 256

/* ---- instructions as lane vectors ---- */

static void fill_lane(mst_move *m, int lane, const mst_ascent_instruction *o, int history) {
  m->accept[lane] = -(int64_t)o->accept;
  m->redirect[lane] = -(int64_t)o->redirect;
  m->step[lane] = o->step;
  m->g_part[lane] = o->d.g_part;
  m->x_part[lane] = o->x_part;
  m->any_accept |= o->accept;
  m->any_redirect |= o->redirect;
  for (int k = 0; k < history; k++) {
    const bool into = o->accept && o->slot == k;
    m->into[k][lane] = -(int64_t)into;
    m->any_into[k] |= into;
    m->s_part[k][lane] = o->redirect ? o->d.s_part[k] : 0;
    m->y_part[k][lane] = o->redirect ? o->d.y_part[k] : 0;
    m->draw_s[k][lane] = o->draw ? o->parts.s_part[k] : 0;
    m->draw_y[k][lane] = o->draw ? o->parts.y_part[k] : 0;
  }
  m->draw[lane] = -(int64_t)o->draw;
  m->want_dots[lane] = -(int64_t)(!o->draw && !o->noise);
  m->want_approx[lane] = -(int64_t)(o->noise != 0);
  m->any_draw |= o->draw;
  m->any_approx |= o->noise != 0;
  if (o->slot < 0) return;
  m->a1[lane] = o->yay / o->ys;
  m->a2[lane] = 1 / o->ys;
  m->a3[lane] = o->yay / (o->ys * o->pap);
}

static void plan(mst_optim *o) {
  const int W = o->target->lanes;
  for (int b = 0; b < o->target->batches; b++) {
    memset(&o->move[b], 0, sizeof o->move[b]);
    for (int lane = 0; lane < W; lane++) {
      const int c = b * W + lane;
      if (o->path)
        mst_path_plan(&o->path[c], &o->instruction[c]);
      else
        mst_ascent_plan(&o->start[c], &o->instruction[c]);
      fill_lane(&o->move[b], lane, &o->instruction[c], o->options.history);
    }
  }
}

/* ---- moves ---- */

static void init_lane(const mst_optim *o, const mst_span_state *s, int c, int64_t at, int64_t n,
                      uint64_t first) {
  const int W = o->target->lanes, lane = c % W;
  for (int64_t i = at; i < at + n; i++) {
    const double u = mst_uniform(o->options.seed, (uint64_t)c, o->instruction[c].epoch,
                                 MST_USE_INIT, first + (uint64_t)(i - at));
    s->x[i * W + lane] = o->options.init_radius * (2.0 * u - 1.0);
    s->g[i * W + lane] = s->p[i * W + lane] = 0;
    s->alpha[i * W + lane] = 1;
  }
}

static void copy_strided(double *to, const double *from, int64_t at, int64_t n, int W, int lane) {
  for (int64_t i = at; i < at + n; i++) to[i * W + lane] = from[i * W + lane];
}

/* A lane's best Gaussian is put aside, or comes back. */
static void keep_lane(const mst_span_state *s, int W, int lane, int64_t at, int64_t n, bool back) {
  copy_strided(back ? s->x : s->best_x, back ? s->best_x : s->x, at, n, W, lane);
  copy_strided(back ? s->g : s->best_g, back ? s->best_g : s->g, at, n, W, lane);
  copy_strided(back ? s->alpha : s->best_alpha, back ? s->best_alpha : s->alpha, at, n, W, lane);
  for (int k = 0; k < s->history; k++) {
    copy_strided(back ? s->s[k] : s->best_s[k], back ? s->best_s[k] : s->s[k], at, n, W, lane);
    copy_strided(back ? s->y[k] : s->best_y[k], back ? s->best_y[k] : s->y[k], at, n, W, lane);
  }
}

static void noise_lane(const mst_optim *o, const mst_span_state *s, int c, int64_t at, int64_t n,
                       uint64_t first) {
  const int W = o->target->lanes, lane = c % W;
  double z[CHUNK + 32];
  for (int64_t done = 0; done < n; done += CHUNK) {
    const int64_t count = n - done < CHUNK ? n - done : CHUNK;
    o->std_normal(o->options.seed, (uint64_t)c, o->instruction[c].noise, MST_USE_PATH,
                  first + (uint64_t)done, count, z);
    for (int64_t i = 0; i < count; i++) s->u[(at + done + i) * W + lane] = z[i];
  }
}

static void move_range(const mst_optim *o, const mst_span_state *s, int batch, int64_t at,
                       int64_t n, uint64_t first, double *trial, const double *grad) {
  const int W = o->target->lanes;
  for (int lane = 0; lane < W; lane++)
    if (o->instruction[batch * W + lane].init) init_lane(o, s, batch * W + lane, at, n, first);
  o->hot->take(s, &o->move[batch], at, n, trial, grad);
  for (int lane = 0; o->path && lane < W; lane++) {
    const mst_ascent_instruction *instruction = &o->instruction[batch * W + lane];
    if (instruction->keep) keep_lane(s, W, lane, at, n, false);
    if (instruction->restore) keep_lane(s, W, lane, at, n, true);
  }
  o->hot->aim(s, &o->move[batch], at, n, trial);
  for (int lane = 0; o->path && lane < W; lane++)
    if (o->instruction[batch * W + lane].noise) noise_lane(o, s, batch * W + lane, at, n, first);
}

static void move_rows(const mst_optim *o, int thread) {
  const mst_target *t = o->target;
  const int64_t L = t->layout.locals, W = t->lanes;
  int64_t begin, end;
  mst_shard_thread(&t->data->shard, thread, t->threads, &begin, &end);
  for (int64_t block = begin; block < end; block++)
    for (int b = 0; b < t->batches; b++) {
      const int64_t row = mst_block_first(&t->data->shard, block).v,
                    plane = b * o->batch.locals * W;
      move_range(o, &o->local[b], b, row * L, mst_block_count(&t->data->shard, block) * L,
                 (uint64_t)((t->data->shard.first_row.v + row) * L), o->batch.local + plane,
                 o->batch.local_grad + plane);
    }
}

static void move_all(mst_optim *o) {
  const mst_target *t = o->target;
  const int64_t P = o->batch.globals, W = t->lanes;
  for (int b = 0; b < t->batches; b++)
    move_range(o, &o->global[b], b, 0, P, GLOBAL_ADDRESS, o->batch.y + b * P * W,
               mst_theta_grad(t, b, o->batch.nextra));
  if (t->layout.locals == 0 || o->marginal) return;
#pragma omp parallel for schedule(static, 1) num_threads(t->threads)
  /* the shares are fixed; if the system gives fewer threads, each takes more of them */
  for (int k = 0; k < t->threads; k++) move_rows(o, k);
}

/* ---- products ---- */

static int extras(const mst_optim *o) {
  const int history = o->options.history;
  if (o->target->layout.locals == 0 || o->marginal) return 0;
  return mst_dots(history) + (o->path ? mst_approx_dots(history) : 0);
}

/* Of a block of rows, into its message. */
static void row_dots(const mst_tile *tile, void *context) {
  const mst_optim *o = context;
  const int64_t plane = tile->batch * o->batch.locals * o->target->lanes;
  const mst_span_state *s = &o->local[tile->batch];
  const mst_move *m = &o->move[tile->batch];
  o->hot->dots(s, m, tile->element, tile->elements, o->batch.local + plane,
               o->batch.local_grad + plane, tile->extra);
  if (o->path)
    o->hot->approx(s, m, tile->element, tile->elements,
                   tile->extra + mst_dots(o->options.history) * o->target->lanes);
}

/* Of the globals, and what the rows' message brought: both kinds of a batch. */
static void all_dots(mst_optim *o, int b) {
  const mst_target *t = o->target;
  const int history = o->options.history, D = mst_dots(history),
            A = o->path ? mst_approx_dots(history) : 0;
  const int64_t P = o->batch.globals, W = t->lanes;
  double *dot = o->dot + (int64_t)b * D * W, *approx = o->approx_dot + (int64_t)b * A * W;
  memset(dot, 0, (size_t)(D * W) * sizeof *dot);
  o->hot->dots(&o->global[b], &o->move[b], 0, P, o->batch.y + b * P * W,
               mst_theta_grad(t, b, o->batch.nextra), dot);
  if (A) {
    memset(approx, 0, (size_t)(A * W) * sizeof *approx);
    o->hot->approx(&o->global[b], &o->move[b], 0, P, approx);
  }
  if (o->batch.nextra == 0) return;
  const double *sums = mst_total_extra(t, b, o->batch.nextra);
  for (int64_t i = 0; i < D * W; i++) dot[i] += sums[i];
  for (int64_t i = 0; i < A * W; i++) approx[i] += sums[D * W + i];
}

static void lane_of(const double *all, int count, int W, int c, double *one) {
  for (int i = 0; i < count; i++) one[i] = all[((c / W) * count + i) * W + c % W];
}

static void digest_ascent(mst_optim *o, int c, const double *dot) {
  mst_ascent *start = &o->start[c];
  if (c < o->starts && start->state != MST_ASCENT_DONE) o->gradients++;
  o->stepped[c] = mst_ascent_digest(start, o->batch.lp[c], dot);
  /* a lane without a start needs a sound point, and no more */
  if (c >= o->starts && start->state != MST_ASCENT_INIT) start->state = MST_ASCENT_DONE;
}

static void digest_path(mst_optim *o, int c, const double *dot) {
  double approx[MST_MAX_APPROX_DOTS];
  mst_path *path = &o->path[c];
  if (c < o->starts && !mst_path_rests(path)) o->gradients++;
  lane_of(o->approx_dot, mst_approx_dots(o->options.history), o->target->lanes, c, approx);
  o->stepped[c] = mst_path_digest(path, o->batch.lp[c], dot, approx);
  if (c >= o->starts && path->ascent->state != MST_ASCENT_INIT) path->state = MST_PATH_FAILED;
}

/* ---- evaluation ---- */

/* A slot's row-local elements: to 0 (from NULL), or copied. */
static void set_rows(const mst_batch *b, int slot, double *to, const double *from) {
  for (int64_t i = 0; i < b->locals; i++) {
    const int64_t at = mst_batch_local(b, slot, i);
    to[at] = from ? from[at] : 0;
  }
}

/* The integrated density and its gradient take the place of the batch's own. Rows begin where
 * they ended, or at 0 with a new start; where nothing is finite they go back to where it was. */
static masting_status integrated(mst_optim *o, mst_error *err) {
  mst_batch *b = &o->batch;
  const mst_marginal *m = o->marginal;
  const int W = o->target->lanes;
  for (int c = 0; c < b->slots; c++)
    if (o->instruction[c].init) set_rows(b, c, b->local, NULL);
  if (mst_marginal_eval(o->marginal, NEWTON_STEPS, err) != MASTING_OK) return err->status;
  for (int c = 0; c < b->slots; c++) {
    const bool sound = isfinite(m->f[c]);
    set_rows(b, c, sound ? o->rows : b->local, sound ? b->local : o->rows);
    b->lp[c] = m->f[c];
    for (int64_t i = 0; i < b->globals; i++)
      mst_theta_grad(o->target, c / W, b->nextra)[i * W + c % W] = m->grad[c * b->globals + i];
  }
  return MASTING_OK;
}

static masting_status evaluate(mst_optim *o, mst_error *err) {
  const int nextra = extras(o);
  if (o->marginal) return integrated(o, err);
  return mst_batch_eval(&o->batch, nextra, nextra ? row_dots : NULL, o, err);
}

masting_status mst_optim_step(mst_optim *o, mst_error *err) {
  plan(o);
  move_all(o);
  if (evaluate(o, err) != MASTING_OK) return err->status;
  for (int b = 0; b < o->target->batches; b++) all_dots(o, b);
  for (int c = 0; c < o->batch.slots; c++) {
    double dot[MST_MAX_DOTS];
    lane_of(o->dot, mst_dots(o->options.history), o->target->lanes, c, dot);
    if (o->path)
      digest_path(o, c, dot);
    else
      digest_ascent(o, c, dot);
  }
  o->steps++;
  return MASTING_OK;
}

/* ---- all of it ---- */

static void report_now(const mst_optim *o, mst_optim_report *report, void *context, bool finished) {
  mst_optim_view v = {.starts = o->starts,
                      .best = -INFINITY,
                      .gradients = o->gradients,
                      .elapsed = mst_now() - o->begun,
                      .finished = finished};
  for (int c = 0; c < o->starts; c++) {
    const mst_ascent *s = &o->start[c];
    v.ascending += s->state != MST_ASCENT_DONE;
    if (s->iterations > v.iterations) v.iterations = s->iterations;
    if (s->state != MST_ASCENT_INIT && -s->f > v.best) v.best = -s->f;
  }
  report(context, &v);
}

static masting_status no_start(const mst_optim *o, int c, mst_error *err) {
  return mst_fail(
      err, MASTING_ERR_INIT,
      "model %s, start %d: no starting point: log density or gradient were not finite at %d "
      "points drawn from (-%g, %g) on the unconstrained scale; expected finite numbers, got "
      "none; try `masting check`, a smaller radius, or data on a scale near 1",
      o->target->model->name, c + 1, MST_ASCENT_STARTS, o->options.init_radius,
      o->options.init_radius);
}

masting_status mst_optim_run(mst_optim *o, mst_optim_report *report, void *context,
                             mst_error *err) {
  const bool speaks = report && o->target->comm->rank == 0;
  double told = o->begun;
  for (bool ascending = true; ascending;) {
    ascending = false;
    if (mst_optim_step(o, err) != MASTING_OK) return err->status;
    for (int c = 0; c < o->batch.slots; c++) {
      ascending |= o->start[c].state != MST_ASCENT_DONE || o->start[c].next.accept;
      if (c < o->starts && o->start[c].end == MST_END_NO_START) return no_start(o, c, err);
    }
    if (!speaks || mst_now() - told < REPORT_SECONDS) continue;
    told = mst_now();
    report_now(o, report, context, false);
  }
  if (speaks) report_now(o, report, context, true);
  return MASTING_OK;
}

/* ---- results ---- */

static void copy_lane(const mst_span_state *s, int W, int lane, double *y) {
  for (int64_t i = 0; i < s->elements; i++) y[i] = s->x[i * W + lane];
}

void mst_optim_globals(const mst_optim *o, int c, double *y) {
  copy_lane(&o->global[c / o->target->lanes], o->target->lanes, c % o->target->lanes, y);
}

void mst_optim_locals(const mst_optim *o, int c, double *y) {
  for (int64_t i = 0; o->marginal && i < o->batch.locals; i++)
    y[i] = o->rows[mst_batch_local(&o->batch, c, i)];
  if (o->marginal) return;
  copy_lane(&o->local[c / o->target->lanes], o->target->lanes, c % o->target->lanes, y);
}
