/* target/bind.h -- binds a model to its data: setup, derived data, passes over the rows for
 * transformed data, begin. */
#ifndef MST_TARGET_BIND_H
#define MST_TARGET_BIND_H

#include "target/pass.h"

/* Collective. t->model (checked), data, comm, batches and threads are set; fills in size, var,
 * row_bytes, replicated and the model's state. Errors are agreed; an error that the model
 * reports about its data is MASTING_ERR_DATA. */
masting_status mst_target_bind(mst_target *t, mst_error *err);

/* Tears the state down and frees made data. Not collective. */
void mst_target_unbind(mst_target *t);

#endif
