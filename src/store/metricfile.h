/* store/metricfile.h -- the result of a warm-up in a file: step sizes and the inverse mass.
 *
 * Two formats, told apart by the name when written and by the contents when read:
 *
 *   .json  what CmdStan's metric_file reads: `stepsize` and `inv_metric` (a vector, or a matrix as
 *          rows) of the global parameters on the unconstrained scale, in Stan's order. All else has
 *          names that begin with "masting.": no variable of a Stan program can have them, so
 *          CmdStan ignores them
 *   .h5    the same as HDF5, and the row-local parameters' inverse mass; each rank writes and reads
 *          its own rows of it
 *
 * A distributed matrix is never gathered on one rank: to HDF5 every rank writes the rows, and from
 * it reads the tiles, that it owns; JSON is written row by row, and read whole by rank 0 alone.
 *
 * Knows nothing of the sampler. docs/adaptation.md lists the names.
 */
#ifndef MST_STORE_METRICFILE_H
#define MST_STORE_METRICFILE_H

#include "linalg/rowwise.h"
#include "nuts/metric.h"
#include "store/drawfile.h"

typedef struct mst_metricfile_data {
  mst_metric_kind kind;
  int64_t n;       /* P */
  double *inverse; /* diagonal: [P]; dense: [P][P], or NULL if distributed; low rank: NULL */
  const mst_rowwise *dist; /* to write, dense: S^-1 C S^-1 over the ranks; else NULL */
  double *diagonal;        /* read, dense: [P] where the matrix was left; else NULL */
  bool left;               /* read: the matrix is still in the file; if not, rank 0 has it */
  double *scale;           /* low rank, and distributed: [P] S */
  int rank;
  double *eigen;      /* low rank: [rank] E */
  double *directions; /* low rank: [P][rank] U */
  double step_size;   /* of all chains, 0: not known */
  int chains;
  double *step_sizes; /* [chains], NULL with chains 0 */
  double *local; /* read from a vector or matrix over all parameters: [N][L], on every rank; else
                    NULL */
  bool rows;     /* the file has the row-local parameters' part, for mst_metricfile_rows */
} mst_metricfile_data;

typedef struct mst_metricfile_spec {
  const char *path;
  int force;
  const mst_layout *layout;
  const mst_shard *shard;
  const mst_metricfile_data *metric; /* the same on every rank */
  const double *local;               /* [rows][L] inverse mass of this rank's rows; NULL: none */
  const char *type;                  /* metric_type: unit_e, diag_e, dense_e, lowrank */
  const mst_attribute
      *attributes; /* model, hashes, seed: text under "masting.NAME", or attributes */
  int nattributes;
} mst_metricfile_spec;

/* Collective. Refuses a name that ends in neither .json nor .h5, and an existing file without
 * force: for a check ahead of long work. Rank 0 looks. */
masting_status mst_metricfile_refuse(const mst_comm *comm, const char *path, int force,
                                     mst_error *err);

/* Collective. Writes beside spec->path, then renames. Errors are agreed. */
masting_status mst_metricfile_write(const mst_comm *comm, const mst_metricfile_spec *spec,
                                    mst_error *err);

/* Collective. Rank 0 reads, holds it against the layout (sizes, names where the file has them,
 * finite, positive definite) and hands it to all. A vector or matrix over all parameters of a
 * model with row-local ones (as CmdStan writes it) is taken apart: the globals' block, and the
 * diagonal of the rest. whole false: a dense matrix is left, in the file or with rank 0, and
 * only its diagonal handed to all; mst_metricfile_read_matrix reads it. Free with
 * mst_metricfile_free, also on failure. */
masting_status mst_metricfile_read(mst_metricfile_data *metric, const mst_comm *comm,
                                   const char *path, const mst_layout *layout, bool whole,
                                   mst_error *err);

/* Collective, errors agreed. The dense matrix that mst_metricfile_read has left, distributed over a
 * grid: c is made, with path (not copied) as its name; to be freed with mst_dist_end, also on
 * failure. It is held against what mst_metricfile_read would. */
masting_status mst_metricfile_read_matrix(mst_metricfile_data *metric, const char *path,
                                          const mst_layout *layout, const mst_grid *grid,
                                          mst_dist *c, mst_error *err);
void mst_metricfile_free(mst_metricfile_data *metric);

/* Not collective; every rank, where metric->rows: this rank's rows into inverse[rows][L]. */
masting_status mst_metricfile_rows(const mst_metricfile_data *metric, const char *path,
                                   const mst_layout *layout, const mst_shard *shard,
                                   double *inverse, mst_error *err);

/* Hash of the parameters as declared: names, sizes (but for the sharded one), transforms, bounds.
 */
uint64_t mst_metricfile_signature(const mst_layout *layout);

/* C, [P][P], of any form; inverse mass of a low rank is formed. Not collective. */
void mst_metricfile_matrix(const mst_metricfile_data *metric, double *c);
/* Its element of row i and column j <= i, diagonal and low rank. Not collective. */
double mst_metricfile_element(const mst_metricfile_data *metric, int i, int j);
/* Row i, C[P], of a matrix that is distributed by rows and of which this rank has that one. Not
 * collective. */
void mst_metricfile_row(const mst_metricfile_data *metric, int i, double *c);
/* Its diagonal, [P]. */
void mst_metricfile_diagonal(const mst_metricfile_data *metric, double *c);

#endif
