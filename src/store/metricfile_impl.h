/* store/metricfile_impl.h -- the two formats behind metricfile.h. Not collective unless said. */
#ifndef MST_STORE_METRICFILE_IMPL_H
#define MST_STORE_METRICFILE_IMPL_H

#include "store/metricfile.h"

#define MST_METRIC_PREFIX "masting."

/* What a file holds before it is held against a model. */
typedef struct mst_metric_found {
  mst_metric_data data; /* n: what the file has */
  char *names;          /* of its elements, each ended by a 0 byte; NULL: the file has none */
  int64_t nnames;
} mst_metric_found;

/* Rank 0. data's arrays and names become the caller's, also on failure. */
masting_status mst_metric_json_read(mst_metric_found *found, const char *path, mst_error *err);
masting_status mst_metric_h5_read(mst_metric_found *found, const char *path, mst_error *err);

/* Rank 0: the whole file, beside its name, then renamed. */
masting_status mst_metric_json_write(const mst_metric_spec *spec, mst_error *err);

/* Collective: rank 0 lays it out, every rank writes its rows. */
masting_status mst_metric_h5_write(const mst_comm *comm, const mst_metric_spec *spec,
                                   mst_error *err);

#endif
