/* store/metricfile_impl.h -- the two formats behind metricfile.h. Not collective unless said. */
#ifndef MST_STORE_METRICFILE_IMPL_H
#define MST_STORE_METRICFILE_IMPL_H

#include "store/metricfile.h"

#define MST_METRICFILE_PREFIX "masting."

/* What a file holds before it is held against a model. */
typedef struct mst_metricfile_found {
  mst_metricfile_data data; /* n: what the file has */
  char *names;              /* of its elements, each ended by a 0 byte; NULL: the file has none */
  int64_t nnames;
} mst_metricfile_found;

/* Rank 0. data's arrays and names become the caller's, also on failure. */
masting_status mst_metricfile_json_read(mst_metricfile_found *found, const char *path,
                                        mst_error *err);
/* A dense matrix of that order is left in the file, and its diagonal read; 0: never. */
masting_status mst_metricfile_h5_read(mst_metricfile_found *found, const char *path, int64_t left,
                                      mst_error *err);

/* " (beta[2])" behind a number, counted from 0, of an element of the n that a file has; returns
 * text. */
const char *mst_metricfile_element_name(const mst_layout *layout, int64_t n, int64_t i,
                                        char text[MST_ELEMENT_NAME + 4]);

/* Are elements (i, j) and (j, i) finite and mirror images? Both become their mean. diagonal: of
 * i and of j. */
masting_status mst_metricfile_mirror(double *below, double *above, int64_t i, int64_t j,
                                     double diagonal_i, double diagonal_j, int64_t n,
                                     const char *path, const mst_layout *layout, mst_error *err);

/* The message of a matrix whose factor breaks down at a row. */
masting_status mst_metricfile_indefinite(const char *path, const mst_layout *layout, int64_t n,
                                         int pivot, mst_error *err);

/* Collective, metric->dist: rows 0 .. P - 1 one after the other to rank 0, which calls take
 * with each; row: room for [P]. Failures of MPI stop all ranks. */
void mst_metricfile_gather_rows(const mst_comm *comm, const mst_metricfile_data *metric,
                                double *row,
                                void (*take)(void *context, int64_t i, const double *c),
                                void *context);

/* Collective, errors agreed: rank 0 writes the whole file beside its name and renames it. */
masting_status mst_metricfile_json_write(const mst_comm *comm, const mst_metricfile_spec *spec,
                                         mst_error *err);

/* Collective: rank 0 lays it out, every rank writes its rows. */
masting_status mst_metricfile_h5_write(const mst_comm *comm, const mst_metricfile_spec *spec,
                                       mst_error *err);

#endif
