/* target/range.c -- see range.h. */
#include "target/range.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "target/reduce.h"

/* A lane's word: ranks that flagged it, in four fields of 15 bits. */
#define FIELD(word, k) ((word) >> (15 * (k)) & 0x7fff)
enum { HARD, WIDE, WIDE_LP, TINY };

#define LARGE 0x1p52 /* summands beyond it are scaled: room for them to grow */
#define MOST_QUIET 64

static int64_t slots_of(const mst_target *t) { return (int64_t)t->batches * t->lanes; }
static int64_t sums_of(const mst_target *t) { return 1 + t->layout.reduced; }

void mst_range_begin(mst_target *t, mst_error *err) {
  mst_range *r = &t->range;
  const size_t slots = (size_t)slots_of(t), sums = slots * (size_t)sums_of(t);
  mst_alloc((void **)&r->scale, sums, sizeof *r->scale, "scales of sums", err);
  mst_alloc((void **)&r->seen, slots, sizeof *r->seen, "scales of sums", err);
  mst_alloc((void **)&r->heed, slots, sizeof *r->heed, "scales of sums", err);
  for (size_t i = 0; err->status == MASTING_OK && i < sums; i++) r->scale[i] = 1;
  for (size_t i = 0; err->status == MASTING_OK && i < slots; i++) r->heed[i] = MST_HEED_ALL;
  t->sums = t->reduction == MST_EXACT ? MST_SUMS_WATCHED : MST_SUMS_FAST;
}

void mst_range_end(mst_target *t) {
  mst_free(&t->range.scale);
  mst_free(&t->range.seen);
  mst_free(&t->range.heed);
  mst_free(&t->range.extras);
}

int64_t mst_range_word(const mst_target *t, int64_t slot) {
  int64_t hard = 0, wide = 0, wide_lp = 0, tiny = 0;
  for (int k = 0; k < t->threads; k++) {
    const mst_thread_work *w = &t->work[k];
    if (t->reduction != MST_EXACT) {
      hard |= w->bad[slot];
      continue;
    }
    hard |= w->hard[slot];
    wide |= w->bad[slot];
    wide_lp |= w->wide_lp[slot];
    tiny |= w->tiny[slot];
  }
  const int64_t word = (int64_t)(hard != 0) | (int64_t)(wide_lp != 0) << 15 * WIDE_LP |
                       (int64_t)(tiny != 0) << 15 * TINY;
  return word | (int64_t)(wide && !hard) << 15 * WIDE;
}

/* The total of sum i (0: log density; then the gradient) of a slot. */
static double *total_of(const mst_target *t, int nextra, int64_t slot, int64_t i) {
  const int64_t b = slot / t->lanes, at = i ? i + nextra : 0;
  return t->total + (b * (sums_of(t) + nextra) + at) * t->lanes + slot % t->lanes;
}

static double *scale_of(const mst_target *t, int64_t slot, int64_t i) {
  return t->range.scale + (slot / t->lanes * sums_of(t) + i) * t->lanes + slot % t->lanes;
}

/* Is there a gradient of this lane, in its sum's own scale, of which too few bits are left? */
static bool loses(const mst_target *t, int nextra, int64_t slot) {
  for (int64_t i = 1; i < sums_of(t); i++)
    if (fabs(*total_of(t, nextra, slot, i)) < MST_EXACT_TINY) return true;
  return false;
}

static bool overflows(const mst_target *t, int64_t slot, int64_t word) {
  const mst_heed heed = t->range.heed[slot];
  if (FIELD(word, HARD) || !FIELD(word, WIDE) || heed == MST_HEED_NOTHING) return false;
  return heed == MST_HEED_ALL || !FIELD(word, WIDE_LP);
}

static bool underflows(const mst_target *t, int nextra, int64_t slot, int64_t word) {
  const bool looks = t->range.seen[slot] != MST_SEEN_PLAIN && t->range.heed[slot];
  return looks && t->range.quiet == 0 && !FIELD(word, HARD) && !FIELD(word, WIDE) &&
         FIELD(word, TINY) && loses(t, nextra, slot);
}

/* ---- the largest summands ---- */

/* The scale for a sum whose largest summand is `most`. */
static double scale_for(double most, double now) {
  int e;
  if (isinf(most)) return now;
  if (most == 0 || (most >= MST_EXACT_TINY && most < LARGE)) return 1;
  const double largest = most * now; /* fits as it is? */
  if (largest >= MST_EXACT_TINY && largest < LARGE) return now;
  frexp(most, &e);
  return ldexp(1, e > 1000 ? -1000 : e < -1000 ? 1000 : -e);
}

/* Collective. New scales for the lanes that need them; *changed: is there any? */
static masting_status probe(mst_target *t, const bool *needs, bool *changed, mst_error *err) {
  const int64_t values = t->batches * sums_of(t) * t->lanes;
  double *most = t->message;
  t->sums = MST_SUMS_PROBE;
  t->again(t->again_context);
  t->sums = MST_SUMS_WATCHED;
  memcpy(most, t->work[0].acc, (size_t)values * sizeof *most);
  for (int k = 1; k < t->threads; k++)
    for (int64_t i = 0; i < values; i++) most[i] = fmax(most[i], ((double *)t->work[k].acc)[i]);
  for (int64_t from = 0; from < values; from += 1 << 28) {
    const int piece = (int)(values - from < (1 << 28) ? values - from : 1 << 28);
    const int code =
        MPI_Allreduce(MPI_IN_PLACE, most + from, piece, MPI_DOUBLE, MPI_MAX, t->comm->mpi);
    if (mst_mpi_check(code, "MPI_Allreduce", err) != MASTING_OK) return err->status;
  }
  t->collectives++;
  t->collective_bytes += values * 8;
  *changed = false;
  for (int64_t slot = 0; slot < slots_of(t); slot++)
    for (int64_t i = 0; needs[slot] && i < sums_of(t); i++) {
      double *scale = scale_of(t, slot, i);
      const double fresh = scale_for(most[scale - t->range.scale], *scale);
      *changed |= fresh != *scale;
      *scale = fresh;
    }
  return MASTING_OK;
}

/* ---- a step ---- */

/* What moved row-local elements is not done again, so its sums are kept. */
static masting_status keep_extras(mst_target *t, int nextra, bool back, mst_error *err) {
  mst_range *r = &t->range;
  const size_t bytes = (size_t)nextra * (size_t)t->lanes * sizeof(double);
  if (nextra == 0) return MASTING_OK;
  if (!r->extras)
    mst_alloc((void **)&r->extras, (size_t)slots_of(t) * MST_MAX_EXTRAS, sizeof(double), "sums",
              err);
  if (err->status != MASTING_OK) mst_abort_all(t->comm, err);
  for (int b = 0; b < t->batches; b++) {
    double *total = mst_total_extra(t, b, nextra), *kept = r->extras + (size_t)b * bytes / 8;
    memcpy(back ? total : kept, back ? kept : total, bytes);
  }
  return MASTING_OK;
}

static masting_status mend(mst_target *t, int nextra, int64_t *word, const bool *needs,
                           mst_error *err) {
  bool changed = false;
  keep_extras(t, nextra, false, err);
  if (probe(t, needs, &changed, err) != MASTING_OK) return err->status;
  mst_range *r = &t->range;
  if (!changed) {
    r->wait = r->wait ? r->wait < MOST_QUIET ? 2 * r->wait : MOST_QUIET : 1;
    r->quiet = r->wait;
    return MASTING_OK; /* totals are as they were */
  }
  r->wait = 0;
  r->scaled = true;
  r->changes++;
  t->again(t->again_context);
  int64_t hard[MST_MAX_BATCHES * 16] = {0}; /* of extras too, which are not summed again */
  for (int64_t slot = 0; slot < slots_of(t); slot++) hard[slot] = FIELD(word[slot], HARD);
  if (mst_target_sum(t, nextra, word, err) != MASTING_OK) return err->status;
  for (int64_t slot = 0; slot < slots_of(t); slot++)
    if (hard[slot]) word[slot] = 1;
  return keep_extras(t, nextra, true, err);
}

/* Which lanes need other scales; false: none. */
static bool look(const mst_target *t, int nextra, const int64_t *word, bool *needs) {
  bool any = false;
  for (int64_t slot = 0; slot < slots_of(t); slot++) {
    needs[slot] = overflows(t, slot, word[slot]) ||
                  (t->sums == MST_SUMS_WATCHED && underflows(t, nextra, slot, word[slot]));
    any |= needs[slot];
  }
  return any;
}

/* Lanes whose first finite point needed no scale are not watched; nor is the target when none
 * is. */
static void settle_lanes(mst_target *t, const int64_t *word, const bool *needs) {
  bool watched = t->range.scaled;
  for (int64_t slot = 0; slot < slots_of(t); slot++) {
    uint8_t *seen = &t->range.seen[slot];
    if (needs[slot])
      *seen = MST_SEEN_SCALED;
    else if (*seen == MST_SEEN_NEVER && !FIELD(word[slot], HARD) && !FIELD(word[slot], WIDE) &&
             t->range.heed[slot])
      *seen = MST_SEEN_PLAIN;
    watched |= *seen != MST_SEEN_PLAIN && t->range.heed[slot];
  }
  t->sums = watched ? MST_SUMS_WATCHED : MST_SUMS_PLAIN;
}

static void undo_scales(mst_target *t, int nextra) {
  for (int64_t slot = 0; t->range.scaled && slot < slots_of(t); slot++)
    for (int64_t i = 0; i < sums_of(t); i++)
      *total_of(t, nextra, slot, i) *= 1 / *scale_of(t, slot, i);
}

masting_status mst_range_settle(mst_target *t, int nextra, int64_t *word, mst_error *err) {
  bool needs[MST_MAX_BATCHES * 16] = {false};
  const bool exact = t->reduction == MST_EXACT;
  const bool mends = exact && t->again && t->abort_count == 0;
  if (exact && t->range.quiet > 0) t->range.quiet--;
  if (mends && look(t, nextra, word, needs) && mend(t, nextra, word, needs, err) != MASTING_OK)
    return err->status;
  if (mends && t->sums == MST_SUMS_WATCHED) settle_lanes(t, word, needs);
  if (exact) undo_scales(t, nextra);
  for (int64_t slot = 0; slot < slots_of(t); slot++)
    if (FIELD(word[slot], HARD) || FIELD(word[slot], WIDE)) *total_of(t, nextra, slot, 0) = NAN;
  return MASTING_OK;
}
