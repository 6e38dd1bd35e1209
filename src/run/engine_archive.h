/* run/engine_archive.h -- the chains of an engine to and from a checkpoint.
 *
 * Not the trees that are under way are kept, but where each began: a draw's start is a point, a
 * step size, a slot of the metric and the address of its random numbers, so a chain's row-local
 * part is one number an element, and not one for each of the tree's ends and buffers. What reads
 * it back replays those trees, each up to the leaf that it had reached. Chains do not see each
 * other within a tree: what they share, the metric's slots, does not change under a trajectory, and
 * what draws have taught it is in the checkpoint. So the replayed trees have the same bits, and
 * the trees' own scalars, which are in the checkpoint too, prove it.
 *
 * Arrays are kept chain by chain, in order of elements: neither lanes nor ranks show.
 */
#ifndef MST_RUN_ENGINE_ARCHIVE_H
#define MST_RUN_ENGINE_ARCHIVE_H

#include "par/archive.h"
#include "run/engine.h"

/* May a checkpoint be taken now? Not while a tree is under way that has not kept where it began
 * (mst_engine.keeps_starts), or during which sums changed their scales (target/range.h): it would
 * be replayed with the new ones. It is so again when that tree is done. The same on every rank; not
 * collective. */
bool mst_engine_replayable(const mst_engine *engine);

/* Between two steps. learns: the diagonal metric's estimators are still in use. Collective as the
 * archive is; errors are the archive's. */
void mst_engine_archive(mst_archive *archive, mst_engine *engine, bool learns);

/* Collective, after all of an archive was read and the metrics are in place: makes the trees as
 * they were. With fast sums, whose bits depend on the ranks, draws under way begin again.
 * Errors are agreed; MASTING_ERR_DESYNC: they came out otherwise. */
masting_status mst_engine_replay(mst_engine *engine, mst_error *err);

#endif
