/* tests/stat/gaussian_model.h -- a model of the test's own, at eight lanes. */
#ifndef TESTS_STAT_GAUSSIAN_MODEL_H
#define TESTS_STAT_GAUSSIAN_MODEL_H

#include <masting/model_abi.h>

extern const masting_model *const gaussian_model;

#endif
