/* base/isa.c -- see isa.h. */
#include "config.h"

#include "base/isa.h"

mst_isa mst_isa_here(void) {
#if defined(__x86_64__) && defined(MASTING_HAVE_ISA_VARIANTS)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512cd"))
    return MST_ISA_V4;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2"))
    return MST_ISA_V3;
#endif
  return MST_ISA_BASE;
}

const char *mst_isa_name(mst_isa isa) {
  static const char *const names[MST_ISA_COUNT] = {"base", "x86-64-v3", "x86-64-v4"};
  return names[isa];
}

int mst_isa_lanes(mst_isa isa) {
  static const int lanes[MST_ISA_COUNT] = {2, 4, 8};
  return lanes[isa];
}
