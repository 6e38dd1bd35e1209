/* adapt/warmup_fields.h -- warm-up as a block of state (base/fields.h), for a checkpoint. The same
 * function writes and reads. Not collective. */
#ifndef MST_ADAPT_WARMUP_FIELDS_H
#define MST_ADAPT_WARMUP_FIELDS_H

#include "adapt/rotation.h"
#include "adapt/warmup.h"
#include "base/fields.h"

/* After mst_warmup_begin with this run's options. Numbers of chains and draws and the target
 * acceptance are checked, not taken. */
void mst_warmup_fields(mst_fields *fields, mst_warmup *warmup);

/* After mst_rotation_begin with this run's options: what trials have found and chains have
 * chosen. */
void mst_rotation_fields(mst_fields *fields, mst_rotation *rotation);

#endif
