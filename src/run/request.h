/* run/request.h -- what rank 0 asks of all ranks while they sample.
 *
 * A signal, a time limit or a clock is seen by one rank; all must act in the same step. So rank 0
 * decides alone: before every leapfrog step the sampler calls mst_sample_options.ask there, and
 * the step's message brings the answer to every rank (mst_target.request). No further message is
 * sent. After that step and the draws that it made, all ranks do the same:
 *
 *   MST_REQUEST_CHECKPOINT  writes a checkpoint and goes on
 *   MST_REQUEST_STOP        writes a checkpoint, flushes the draws to the device and leaves the
 *                           loop: mst_sample returns MASTING_OK with result->stopped
 *
 * What was asked once is carried out once, by the very next step; asking while an earlier request
 * waits changes nothing. Requests before the first step of the loop (while chains find their
 * starting points) wait for it.
 */
#ifndef MST_RUN_REQUEST_H
#define MST_RUN_REQUEST_H

typedef enum mst_request {
  MST_REQUEST_NONE = 0,
  MST_REQUEST_CHECKPOINT = 1,
  MST_REQUEST_STOP = 2
} mst_request; /* bits */

/* Called on rank 0 before every leapfrog step: cheap, or it costs the run. Returns bits. */
typedef int mst_request_fn(void *context);

#endif
