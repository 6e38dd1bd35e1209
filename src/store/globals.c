/* store/globals.c -- see globals.h. */
#include "store/globals.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define BUFFER_BYTES 65536             /* of a chain */
#define BUFFER_DRAWS 64                /* at most, of a chain */
#define OLDEST 1.0                     /* seconds that a draw waits at most while others come */
#define REAL_STATS MST_STAT_TREE_DEPTH /* doubles come first, */
#define WHOLE_STATS (MST_STAT_DIVERGING - MST_STAT_TREE_DEPTH) /* then integers, */
#define BOOL_STATS (MST_STATS - MST_STAT_DIVERGING)            /* then booleans */

typedef struct chain_buffer { /* draws first .. first + count - 1 of one chain in one phase */
  mst_phase phase;
  int first, count;
  double *theta; /* per parameter [room][elements], row-major */
  double real[REAL_STATS][BUFFER_DRAWS];
  int64_t whole[WHOLE_STATS][BUFFER_DRAWS];
  int8_t boolean[BOOL_STATS][BUFFER_DRAWS];
} chain_buffer;

struct mst_globals {
  const mst_plan *plan;
  const mst_layout *layout;
  int chains, room; /* room: draws a buffer holds */
  double flushed_at;
  chain_buffer *buffer; /* [chains] */
  double *theta;        /* [chains][room][P], behind the buffers' pointers */
  int64_t *from;        /* [P] storage element of the file's element; NULL: the same order */
};

/* Matrices in Stan's column-major order go to the file by rows. */
static masting_status make_order(mst_globals *g, mst_error *err) {
  const mst_layout *l = g->layout;
  bool same = true;
  for (int i = 0; i < l->outputs; i++)
    same = same && (l->param[i].local || !mst_layout_output(l, i)->column_major);
  if (same) return MASTING_OK;
  if (mst_alloc((void **)&g->from, (size_t)(l->globals + l->derived), sizeof *g->from,
                "draws: order", err))
    return err->status;
  for (int i = 0; i < l->outputs; i++) {
    const mst_param_layout *q = &l->param[i];
    for (int64_t r = 0; r < q->elements && !q->local; r++)
      g->from[q->offset + r] = q->offset + mst_layout_from_row_major(l, i, r);
  }
  return MASTING_OK;
}

masting_status mst_globals_make(mst_globals **globals, const mst_plan *plan,
                                const mst_layout *layout, int chains, mst_error *err) {
  const char *what = "draws: buffer";
  if (mst_alloc((void **)globals, 1, sizeof **globals, what, err)) return err->status;
  mst_globals *g = *globals;
  size_t p = (size_t)(layout->globals + layout->derived),
         room = BUFFER_BYTES / (8 * (p + MST_STATS));
  g->room = room < 1 ? 1 : room > BUFFER_DRAWS ? BUFFER_DRAWS : (int)room;
  g->plan = plan;
  g->layout = layout;
  g->chains = chains;
  g->flushed_at = mst_now();
  size_t each = (size_t)g->room * p;
  if (mst_alloc((void **)&g->buffer, (size_t)chains, sizeof *g->buffer, what, err) ||
      mst_alloc((void **)&g->theta, (size_t)chains * each, sizeof *g->theta, what, err) ||
      make_order(g, err)) {
    mst_globals_free(globals);
    return err->status;
  }
  for (int c = 0; c < chains; c++) g->buffer[c].theta = g->theta + (size_t)c * each;
  return MASTING_OK;
}

void mst_globals_free(mst_globals **globals) {
  if (!*globals) return;
  mst_free(&(*globals)->buffer);
  mst_free(&(*globals)->theta);
  mst_free(&(*globals)->from);
  mst_free(globals);
}

/* One run of draws of one variable: `bytes` a draw. */
static void write_run(mst_globals *g, mst_h5_layout *file, int variable, const chain_buffer *b,
                      int chain, const void *values, int64_t bytes, mst_error *err) {
  if (variable < 0 || bytes == 0 || err->status) return;
  int64_t draw = (int64_t)chain * g->plan->draws[b->phase] + b->first;
  mst_h5_layout_write(file, g->plan->skeleton.var[variable].offset + draw * bytes, values,
                      b->count * bytes, err);
}

static masting_status flush_chain(mst_globals *g, mst_h5_layout *file, int chain, mst_error *err) {
  chain_buffer *b = &g->buffer[chain];
  const mst_layout *l = g->layout;
  if (b->count == 0) return MASTING_OK;
  for (int i = 0; i < l->outputs; i++) {
    const mst_param_layout *q = &l->param[i];
    if (!q->local)
      write_run(g, file, g->plan->param[b->phase][i], b, chain, b->theta + g->room * q->offset,
                8 * q->elements, err);
  }
  const int *stat = g->plan->stat[b->phase];
  for (int i = 0; i < REAL_STATS; i++) write_run(g, file, stat[i], b, chain, b->real[i], 8, err);
  for (int i = 0; i < WHOLE_STATS; i++)
    write_run(g, file, stat[MST_STAT_TREE_DEPTH + i], b, chain, b->whole[i], 8, err);
  for (int i = 0; i < BOOL_STATS; i++)
    write_run(g, file, stat[MST_STAT_DIVERGING + i], b, chain, b->boolean[i], 1, err);
  b->count = 0;
  return err->status;
}

masting_status mst_globals_flush(mst_globals *g, mst_h5_layout *file, mst_error *err) {
  for (int c = 0; c < g->chains && !err->status; c++) flush_chain(g, file, c, err);
  g->flushed_at = mst_now();
  return err->status;
}

static void keep_theta(mst_globals *g, chain_buffer *b, const double *theta) {
  const mst_layout *l = g->layout;
  for (int i = 0; i < l->outputs; i++) {
    const mst_param_layout *q = &l->param[i];
    if (q->local) continue;
    const masting_param *p = mst_layout_output(l, i);
    double *to = b->theta + g->room * q->offset + b->count * q->elements;
    if (p->integer)
      for (int64_t r = 0; r < q->elements; r++) {
        int64_t whole = mst_cell_whole(theta[q->offset + r]);
        memcpy(to + r, &whole, sizeof whole); /* both have 8 bytes */
      }
    else if (!p->column_major)
      memcpy(to, theta + q->offset, (size_t)q->elements * sizeof *to);
    else
      for (int64_t r = 0; r < q->elements; r++) to[r] = theta[g->from[q->offset + r]];
  }
}

static void keep_stats(chain_buffer *b, const mst_draw_stats *s) {
  int at = b->count;
  b->real[MST_STAT_LP][at] = s->lp;
  b->real[MST_STAT_ACCEPTANCE_RATE][at] = s->acceptance_rate;
  b->real[MST_STAT_STEP_SIZE][at] = s->step_size;
  b->real[MST_STAT_ENERGY][at] = s->energy;
  b->real[MST_STAT_ENERGY_ERROR][at] = s->energy_error;
  b->real[MST_STAT_MAX_ENERGY_ERROR][at] = s->max_energy_error;
  b->real[MST_STAT_LP_STAN][at] = s->lp;
  b->real[MST_STAT_LP_APPROX][at] = s->lp_approx;
  b->real[MST_STAT_LOG_WEIGHT][at] = s->log_weight;
  b->real[MST_STAT_LOG_WEIGHT_GLOBALS][at] = s->log_weight_globals;
  b->whole[0][at] = s->tree_depth;
  b->whole[MST_STAT_N_STEPS - MST_STAT_TREE_DEPTH][at] = s->n_steps;
  b->whole[MST_STAT_ITERATIONS - MST_STAT_TREE_DEPTH][at] = s->iterations;
  b->whole[MST_STAT_EVALUATIONS - MST_STAT_TREE_DEPTH][at] = s->evaluations;
  b->whole[MST_STAT_PATH - MST_STAT_TREE_DEPTH][at] = s->path;
  b->boolean[0][at] = s->diverging != 0;
  b->boolean[MST_STAT_REACHED_MAX - MST_STAT_DIVERGING][at] = s->reached_max_treedepth != 0;
  b->boolean[MST_STAT_CONVERGED - MST_STAT_DIVERGING][at] = s->converged != 0;
}

masting_status mst_globals_put(mst_globals *g, mst_h5_layout *file, mst_phase phase, int chain,
                               int draw, const double *theta, const mst_draw_stats *stats,
                               mst_error *err) {
  MST_ASSERT(chain >= 0 && chain < g->chains && draw >= 0 && draw < g->plan->draws[phase]);
  chain_buffer *b = &g->buffer[chain];
  bool follows = b->phase == phase && draw == b->first + b->count;
  if (b->count > 0 && !follows && flush_chain(g, file, chain, err)) return err->status;
  if (b->count == 0) {
    b->phase = phase;
    b->first = draw;
  }
  keep_theta(g, b, theta);
  keep_stats(b, stats);
  b->count++;
  if (b->count == g->room) flush_chain(g, file, chain, err);
  if (!err->status && mst_now() - g->flushed_at >= OLDEST) mst_globals_flush(g, file, err);
  return err->status;
}
