/* par/archive.h -- a file of named pieces that all ranks write, and read, together: the container
 * of a checkpoint.
 *
 * Like base/fields.h it is visited by one function for both directions. A piece is one of
 *
 *   fields   a block of small state, the same on all ranks: rank 0 writes it
 *   whole    an array that is the same on all ranks: rank 0 writes it
 *   units    an array cut into units of one size (the last may be shorter), which ranks hold as
 *            they like: each writes, or reads, its own. Units follow from the problem, never from
 *            the ranks, so another number of ranks reads what it needs
 *
 * Every unit has an XXH3 hash, seeded with its number; a piece's is their sum, which needs no
 * order, and one MPI_Allreduce adds it up over the ranks. The table of pieces and the head of the
 * file have hashes too. A flipped bit or a missing end is found before anything is used.
 *
 * Written as PATH.new, synced by every rank, then renamed to PATH and the folder synced; what stood
 * at PATH before is then PATH.before. At any moment PATH, or else PATH.before, is whole.
 *
 * Between create or open and end no function of this file is collective while writing: an error
 * stays in the archive, what follows does nothing, and mst_archive_end agrees on it. While reading,
 * those that say so agree on errors, so that mst_archive_failed is the same on all ranks after
 * them. All ranks must visit the same pieces in the same order.
 */
#ifndef MST_PAR_ARCHIVE_H
#define MST_PAR_ARCHIVE_H

#include "base/fields.h"
#include "par/comm.h"
#include "par/shard.h"

typedef struct mst_archive mst_archive;

/* Collective, errors agreed. Begins PATH.new; a link or file of that name is removed first. */
masting_status mst_archive_create(mst_archive **archive, const mst_comm *comm, const char *path,
                                  mst_error *err);

/* Collective, errors agreed. Opens PATH and verifies every hash in it, each rank its share of the
 * file. MASTING_ERR_NOFILE: cannot be opened; MASTING_ERR_FORMAT: of another kind, version or byte
 * order, cut short, or damaged, with the name of the first piece that is. */
masting_status mst_archive_open(mst_archive **archive, const mst_comm *comm, const char *path,
                                mst_error *err);

/* Not collective: fields of the first piece of an archive, to learn what it is about before there
 * are ranks; hashes of the head and of this piece are checked. Free *fields. */
masting_status mst_archive_peek(const char *path, const char *name, mst_fields *fields,
                                mst_error *err);

bool mst_archive_reading(const mst_archive *archive);

/* A block of small state; collective while reading. Read: never NULL; after an error it is empty,
 * and reading it is `bad`. The end says whether all was read: if not, the archive has an error (of
 * another version). */
mst_fields *mst_archive_fields(mst_archive *archive, const char *name);
void mst_archive_fields_end(mst_archive *archive, const char *name);

/* Collective; while writing, before fields_end: rank 0's block is everybody's. For what ranks may
 * see differently, names of folders say: a block must have one length. */
void mst_archive_fields_share(mst_archive *archive);

/* Collective while reading: rank 0 reads and broadcasts. */
void mst_archive_whole(mst_archive *archive, const char *name, void *bytes, int64_t count);

/* An array of `bytes` in units of `unit`; then each rank's units, in any order: while writing each
 * unit is with one rank, while reading a rank reads any. Then mst_archive_agree. */
void mst_archive_units(mst_archive *archive, const char *name, int64_t bytes, int64_t unit);
void mst_archive_unit(mst_archive *archive, int64_t index, void *unit);

/* Collective while reading: an error of one rank becomes everybody's. */
void mst_archive_agree(mst_archive *archive);

/* Collective while reading. The same for rows cut over the ranks as `shard` has them:
 * mine[rows][row_bytes]. */
void mst_archive_rows(mst_archive *archive, const char *name, const mst_shard *shard,
                      int64_t row_bytes, void *mine);

/* Collective while reading: an error of the caller's own. */
void mst_archive_fail(mst_archive *archive, const mst_error *error);
bool mst_archive_failed(const mst_archive *archive);

/* Bytes written so far, or of the file. */
int64_t mst_archive_bytes(const mst_archive *archive);

/* Collective, errors agreed; frees the archive, *archive becomes NULL. Written: publishes it, or
 * after an error removes PATH.new. */
masting_status mst_archive_end(mst_archive **archive, mst_error *err);

#endif
