/* run/checkpoint.h -- a run's checkpoint: written now and then, and gone on from.
 *
 * It holds all that the draws to come depend on: chains, metrics, warm-up, moments, counters, and
 * where the draws file stands; docs/checkpoints.md has the list and what makes it exact. It is
 * written between two steps of the loop: first the draws file is synced, then the container
 * (par/archive.h) is written by all ranks and published. Draws that were stored after it are made
 * again, with the same bits, over what stands there.
 */
#ifndef MST_RUN_CHECKPOINT_H
#define MST_RUN_CHECKPOINT_H

#include "run/sampler_impl.h"

/* Rank 0, before a step: what all shall do after it, bits of mst_request: what the caller of
 * mst_sample asks, and a checkpoint when one is due. now: mst_now(). Not collective. */
int mst_checkpoint_wanted(const mst_sampler *s, double now);

/* Collective, after a step whose message brought s->requested: a checkpoint, or the end
 * (s->stopped). Waits, for a later step, while a tree is under way that could not be made again
 * (run/engine_archive.h). A checkpoint that cannot be written is a warning, the one before stays
 * and the run goes on, unless the run was to stop with it. Errors are agreed. */
masting_status mst_checkpoint_carry_out(mst_sampler *s, mst_error *err);

/* Collective; errors are agreed, and nothing is written before all three are done.
 *   open   the checkpoint, or the one before it where that is damaged, which rank 0 warns of;
 *          refuses another run's: MASTING_ERR_USAGE names what differs
 *   file   the draws file that it goes on with
 *   read   the state, when everything that has room for it stands; replays trees under way */
masting_status mst_checkpoint_open(mst_sampler *s, mst_error *err);
masting_status mst_checkpoint_file(mst_sampler *s, mst_error *err);
masting_status mst_checkpoint_read(mst_sampler *s, mst_error *err);

/* Collective, when all draws are made: one more checkpoint, if it shall stay
 * (options->checkpoint_keep), from which a run of more draws can go on. */
masting_status mst_checkpoint_last(mst_sampler *s, mst_error *err);

/* Rank 0 removes the checkpoint and the one before it: of a run that begins anew, or is done. Not
 * collective. */
void mst_checkpoint_forget(mst_sampler *s);

/* What a checkpoint says of itself, without ranks. Free with mst_checkpoint_about_free. */
typedef struct mst_checkpoint_about {
  char **words; /* [nwords] of the command */
  int nwords;
  char *folder;   /* where it was given */
  char *identity; /* lines NAME=VALUE */
  int64_t warmup_done, draws_done;
} mst_checkpoint_about;
masting_status mst_checkpoint_look(const char *path, mst_checkpoint_about *about, mst_error *err);
void mst_checkpoint_about_free(mst_checkpoint_about *about);

#endif
