/* run/fixed.c -- see fixed.h. */
#include "run/fixed.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "run/provenance.h"
#include "run/record.h"

bool mst_fixed_is(const mst_target *target) {
  return mst_layout_elements(mst_target_layout(target)) == 0;
}

static masting_status make_draws(mst_record *record, const mst_sample_options *o, double lp,
                                 mst_error *err) {
  const double none = 0; /* there are no elements: nothing is read there */
  for (int c = 0; c < o->chains; c++)
    for (int d = 0; d < o->draws; d++) {
      const mst_record_point point = {
          .chain = c,
          .draw = d,
          .phase = MST_PHASE_DRAWS,
          .globals = &none,
          .locals = &none,
          .stats = {.lp = lp, .acceptance_rate = 1, .step_size = NAN, .energy = -lp}};
      mst_record_draw(record, &point, err);
    }
  if (err->status == MASTING_OK) mst_record_moments(record, err);
  return err->status;
}

static masting_status refuse_metric(const mst_sample_options *o, mst_error *err) {
  const char *named = o->metric_file ? "--metric-file" : o->save_metric ? "--save-metric" : NULL;
  if (!named) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_USAGE,
                  "%s: the model has no parameters; expected no metric; try leaving it out", named);
}

masting_status mst_fixed_sample(const mst_comm *comm, mst_target *target,
                                const mst_sample_options *options, mst_sample_result *result,
                                mst_error *err) {
  mst_sample_options o = *options;
  mst_record record = {0};
  mst_drawfile *file = NULL;
  const double begun = mst_now(), point = 0;
  double lp = NAN, slope = 0;
  memset(result, 0, sizeof *result);
  o.warmup = o.save_warmup = 0;
  result->metric_kind = "none";
  if (refuse_metric(&o, err) != MASTING_OK ||
      mst_target_eval(target, 1, &point, &lp, &slope, err) != MASTING_OK)
    return err->status;
  if (o.out && mst_provenance_open(&file, comm, &o, target, err) != MASTING_OK) return err->status;
  mst_record_begin(&record, target, o.seed, o.chains, file, err);
  if (mst_agree(comm, err) == MASTING_OK) {
    make_draws(&record, &o, lp, err);
    mst_agree(comm, err);
  }
  result->sampling_seconds = mst_now() - begun;
  if (err->status == MASTING_OK && file) mst_provenance_close(&file, result, err);
  if (err->status == MASTING_OK) mst_record_tell(&record);
  if (file) mst_drawfile_abandon(&file, 0);
  mst_record_end(&record);
  return err->status;
}
