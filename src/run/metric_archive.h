/* run/metric_archive.h -- a dense or low-rank metric of the globals, and the draws that it is
 * learnt from, to and from a checkpoint. Matrices that are distributed over the ranks are written
 * by those that have their rows or tiles, and read by those that will have them.
 */
#ifndef MST_RUN_METRIC_ARCHIVE_H
#define MST_RUN_METRIC_ARCHIVE_H

#include "par/archive.h"
#include "run/metric_update.h"

/* Reading: after mst_metric_kind_begin with this run's options. learns: the draws are still wanted.
 * Collective as the archive is; errors are the archive's. */
void mst_metric_archive(mst_archive *archive, mst_metric_update *metric_update, bool learns);

#endif
