/* store/point.h -- one draw of a draws file read back, to the unconstrained scale. */
#ifndef MST_STORE_POINT_H
#define MST_STORE_POINT_H

#include "model/model.h"
#include "par/comm.h"
#include "par/shard.h"

/* Collective: every rank reads for itself. Draw `draw` of chain `chain` (from 0) of a file that
 * has all parameters of the layout, row-local ones too: y [P], local [rows L] of this rank,
 * unconstrained. Errors are agreed: MASTING_ERR_NOFILE, MASTING_ERR_FORMAT (a parameter is not
 * there, or has another shape), MASTING_ERR_DATA (a value outside its support), MASTING_ERR_MODEL
 * for a model whose parameters are stored in another form than it has them (simplexes, covariance
 * matrices). */
masting_status mst_point_read(const mst_comm *comm, const char *path, const mst_layout *layout,
                              const mst_shard *shard, int chain, int draw, double *y, double *local,
                              mst_error *err);

#endif
