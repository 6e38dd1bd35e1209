/* run/engine_archive.c -- see engine_archive.h. */
#include "run/engine_archive.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "nuts/tree_fields.h"

static bool under_way(const mst_tree *t) { return t->phase == MST_CHAIN_DRAW && !t->fresh; }

bool mst_engine_replayable(const mst_engine *e) {
  for (int c = 0; c < e->chains; c++)
    if (under_way(&e->tree[c]) && (e->stale[c] || e->tree[c].origin < 0)) return false;
  return true;
}

/* ---- scalars ---- */

static double *scale_of(const mst_target *t, int c, int64_t i) {
  return t->range.scale + (c / t->lanes * (1 + t->layout.reduced) + i) * t->lanes + c % t->lanes;
}

/* Scales of the sums: without them the same sums would be cut into other digits. */
static void range_fields(mst_fields *f, mst_engine *e) {
  mst_target *t = e->target;
  int sums = (int)t->sums;
  mst_field_int(f, &sums);
  mst_field_bool(f, &t->range.scaled);
  mst_field_int(f, &t->range.quiet);
  mst_field_int(f, &t->range.wait);
  if (f->reading && t->reduction == MST_EXACT) t->sums = (mst_sums)sums;
  for (int c = 0; c < e->slots; c++) {
    if (c < e->chains)
      mst_field_bytes(f, &t->range.seen[c], 1);
    else if (f->reading)
      t->range.seen[c] = MST_SEEN_PLAIN;
    for (int64_t i = 0; t->range.scaled && c < e->chains && i <= t->layout.reduced; i++)
      mst_field_real(f, scale_of(t, c, i));
  }
}

static void engine_fields(mst_fields *f, mst_engine *e) {
  mst_pass *p = &e->pass;
  for (int c = 0; c < e->chains; c++) {
    mst_tree_fields(f, &e->tree[c]);
    mst_chain_metric_fields(f, &p->chain[c]);
    mst_field_bool(f, &e->stale[c]);
  }
  mst_metric_instruction_fields(f, &p->metric_instruction);
  mst_field_int(f, &p->global[0].fixed);
  mst_field_int(f, &p->local[0].fixed);
  for (int b = 1; f->reading && b < e->target->batches; b++) {
    p->global[b].fixed = p->global[0].fixed;
    p->local[b].fixed = p->local[0].fixed;
  }
  mst_field_int(f, &e->depth_before);
  mst_field_i64(f, &e->steps);
  mst_field_i64(f, &e->gradients);
  mst_field_i64(f, &e->target->collectives);
  mst_field_i64(f, &e->target->collective_bytes);
  range_fields(f, e);
}

/* ---- arrays ---- */

typedef struct span {
  mst_archive *archive;
  const mst_engine *engine;
  bool rows; /* this rank's row-local elements, or the globals */
} span;

static mst_state *state_of(const span *s, int c) {
  const int b = c / s->engine->target->lanes;
  return s->rows ? &s->engine->pass.local[b] : &s->engine->pass.global[b];
}

/* One array of the span's elements. */
static void array(const span *s, const char *what, int number, double *x) {
  const mst_target *t = s->engine->target;
  char name[64];
  snprintf(name, sizeof name, "%s %s %d", s->rows ? "rows" : "globals", what, number);
  if (s->rows)
    mst_archive_rows(s->archive, name, &t->data->shard, t->layout.locals * 8, x);
  else
    mst_archive_whole(s->archive, name, x, t->layout.globals * 8);
}

/* Where a chain's draw under way began, or its latest point. */
static int start_of(const mst_tree *t) { return under_way(t) ? t->origin : t->prop; }

static void point(const span *s, int c) {
  const mst_state *state = state_of(s, c);
  const int64_t lanes = s->engine->target->lanes, buffer = start_of(&s->engine->tree[c]);
  const int64_t at = (buffer * lanes + c % lanes) * state->stride;
  array(s, "point", c, state->point_q + at);
  if (!s->rows) array(s, "slope", c, state->point_g + at);
}

/* A chain's own metric, which stands in lane layout. */
static void own_metric(const span *s, int c, double *room) {
  const mst_state *state = state_of(s, c);
  const int64_t lanes = s->engine->target->lanes, n = state->elements;
  double *lane = state->minv_lane + c % lanes;
  for (int64_t i = 0; i < n; i++) room[i] = lane[i * lanes];
  array(s, "metric", c, room);
  for (int64_t i = 0; mst_archive_reading(s->archive) && i < n; i++) lane[i * lanes] = room[i];
}

static void means(const span *s, int c) {
  const mst_state *state = state_of(s, c);
  const int64_t at = c % s->engine->target->lanes * state->stride;
  for (int k = 0; k < 2; k++) {
    array(s, k ? "mean 1 of" : "mean 0 of", c, state->mean_q[k] + at);
    array(s, k ? "mean slope 1 of" : "mean slope 0 of", c, state->mean_g[k] + at);
  }
}

static void squares(const span *s, int c, int64_t at) {
  const mst_state *state = state_of(s, c);
  for (int k = 0; k < 2; k++) {
    array(s, k ? "squares 1 of" : "squares 0 of", c, state->m2_q[k] + at);
    array(s, k ? "slope squares 1 of" : "slope squares 0 of", c, state->m2_g[k] + at);
  }
}

static void arrays(const span *s, bool learns, double *room) {
  const mst_engine *e = s->engine;
  const bool pooled = e->pass.metric_instruction.pooled;
  for (int k = 0; pooled && k < 2; k++) array(s, "metric", k, state_of(s, 0)->minv[k]);
  if (pooled && learns) squares(s, 0, 0);
  if (state_of(s, 0)->mean) {
    array(s, "reference mean", 0, state_of(s, 0)->mean);
    array(s, "reference sd", 0, state_of(s, 0)->sd);
  }
  for (int c = 0; c < e->chains && !mst_archive_failed(s->archive); c++) {
    point(s, c);
    if (!pooled) own_metric(s, c, room);
    if (learns) means(s, c);
    if (learns && !pooled) squares(s, c, c % e->target->lanes * state_of(s, c)->stride);
  }
}

/* Lanes rest at their points, so that what they compute is sound until they start. Those without a
 * chain rest at the first chain's. */
static void rest(const span *s) {
  const mst_engine *e = s->engine;
  const int64_t lanes = e->target->lanes;
  for (int slot = 0; slot < e->slots; slot++) {
    const int c = slot < e->chains ? slot : 0;
    const mst_state *from = state_of(s, c), *to = state_of(s, slot);
    const double *q = from->point_q + (start_of(&e->tree[c]) * lanes + c % lanes) * from->stride;
    for (int64_t i = 0; i < to->elements; i++) to->q[i * lanes + slot % lanes] = q[i];
  }
}

void mst_engine_archive(mst_archive *a, mst_engine *e, bool learns) {
  const span globals = {a, e, false}, rows = {a, e, true};
  double *room = NULL;
  mst_error err = {0};
  const int64_t most = e->pass.local[0].elements > e->pass.global[0].elements
                           ? e->pass.local[0].elements
                           : e->pass.global[0].elements;
  if (!e->pass.metric_instruction.pooled)
    mst_alloc((void **)&room, (size_t)most, sizeof *room, "checkpoint", &err);
  mst_archive_fail(a, &err);
  engine_fields(mst_archive_fields(a, "chains"), e);
  mst_archive_fields_end(a, "chains");
  for (int c = 0; c < e->chains; c++)
    if (start_of(&e->tree[c]) < 0)
      mst_fail(&err, MASTING_ERR_FORMAT, "checkpoint: chain %d has no point", c + 1);
  mst_archive_fail(a, &err);
  if (!mst_archive_failed(a)) arrays(&globals, learns, room);
  if (!mst_archive_failed(a) && e->target->layout.locals) arrays(&rows, learns, room);
  if (mst_archive_reading(a) && !mst_archive_failed(a)) {
    for (int c = e->chains; c < e->slots; c++) e->tree[c].phase = MST_CHAIN_DONE;
    rest(&globals);
    rest(&rows);
  }
  mst_free(&room);
}

/* ---- replay ---- */

static int longest(const mst_engine *e) {
  int most = 0;
  for (int c = 0; c < e->chains; c++)
    if (under_way(&e->tree[c]) && e->tree[c].leapfrogs > most) most = e->tree[c].leapfrogs;
  return most;
}

/* All chains wait; those with a draw under way, where it began. */
static void rewind_all(mst_engine *e) {
  mst_pass *p = &e->pass;
  p->metric_instruction.update = p->metric_instruction.clear = -1;
  p->metric_instruction.reference = -1;
  p->metric_instruction.from_gradient = false;
  e->depth_before = 0;
  for (int c = 0; c < e->chains; c++) {
    p->chain[c].clear = -1;
    mst_tree_rewind(&e->tree[c]);
    e->tree[c].phase = MST_CHAIN_READY;
  }
}

static masting_status step(mst_engine *e, mst_error *err) {
  mst_error local = {0};
  if (mst_engine_step(e, err) != MASTING_OK) return err->status;
  mst_target_trouble(e->target, &local);
  if (e->target->abort_count == 0 && local.status == MASTING_OK) return MASTING_OK;
  *err = local;
  return mst_agree(e->target->comm, err);
}

static masting_status differs(int c, mst_error *err) {
  return mst_fail(
      err, MASTING_ERR_DESYNC,
      "checkpoint: chain %d: the draw that was under way came out otherwise than in the "
      "run that wrote it, so the draws to come would too; expected the same processor "
      "family and build; try a machine like the one that wrote it",
      c + 1);
}

/* The trees must be what they were, to the last bit. */
static masting_status compare(const mst_engine *e, mst_tree *was, mst_error *err) {
  for (int c = 0; c < e->chains && err->status == MASTING_OK; c++) {
    if (!under_way(&was[c])) continue;
    mst_fields a = {0}, b = {0};
    mst_tree now = e->tree[c];
    mst_tree_fields(&a, &was[c]);
    mst_tree_fields(&b, &now);
    if (a.bad || b.bad)
      mst_fail(err, MASTING_ERR_MEMORY, "checkpoint: no memory left");
    else if (a.size != b.size || memcmp(a.bytes, b.bytes, a.size) != 0)
      differs(c, err);
    mst_fields_free(&a);
    mst_fields_free(&b);
  }
  return mst_agree(e->target->comm, err);
}

/* Each chain begins so late that all arrive together. */
static masting_status replay(mst_engine *e, const mst_tree *was, mst_error *err) {
  const int steps = longest(e);
  rewind_all(e);
  e->replaying = true;
  for (int k = 0; k < steps && err->status == MASTING_OK; k++) {
    for (int c = 0; c < e->chains; c++)
      if (under_way(&was[c]) && was[c].leapfrogs == steps - k) mst_tree_go(&e->tree[c]);
    step(e, err);
  }
  e->replaying = false;
  return err->status;
}

/* Draws under way begin again. */
static void begin_again(mst_engine *e) {
  for (int c = 0; c < e->chains; c++) mst_tree_rewind(&e->tree[c]);
}

masting_status mst_engine_replay(mst_engine *e, mst_error *err) {
  mst_tree *was = NULL;
  mst_fields scalars = {0};
  if (e->target->reduction != MST_EXACT) {
    begin_again(e);
    return MASTING_OK;
  }
  engine_fields(&scalars, e);
  mst_alloc((void **)&was, (size_t)e->chains, sizeof *was, "checkpoint", err);
  if (scalars.bad) mst_fail(err, MASTING_ERR_MEMORY, "checkpoint: no memory left");
  if (mst_agree(e->target->comm, err) == MASTING_OK) {
    memcpy(was, e->tree, (size_t)e->chains * sizeof *was);
    if (replay(e, was, err) == MASTING_OK && compare(e, was, err) == MASTING_OK) {
      scalars.reading = true;
      engine_fields(&scalars, e);
      MST_ASSERT(mst_fields_done(&scalars));
    }
  }
  mst_fields_free(&scalars);
  mst_free(&was);
  return err->status;
}
