/* base/isa.h -- which SIMD level the hot code runs at.
 *
 * Hot code (gallery kernels, integrator, exact sums) is compiled once per level. All ranks run
 * at the lowest level that any of them has, since fused multiply-adds round otherwise than
 * separate ones and the draws would differ. Levels are x86-64's published micro-architecture
 * levels. Not collective.
 */
#ifndef MST_BASE_ISA_H
#define MST_BASE_ISA_H

typedef enum mst_isa { MST_ISA_BASE, MST_ISA_V3, MST_ISA_V4, MST_ISA_COUNT } mst_isa;

/* Best level that was built and that this machine runs. */
mst_isa mst_isa_here(void);

/* Its name: "base", "x86-64-v3" (AVX2, FMA), "x86-64-v4" (AVX-512). */
const char *mst_isa_name(mst_isa isa);

/* Doubles in one SIMD register at that level: the natural lane width. */
int mst_isa_lanes(mst_isa isa);

#endif
