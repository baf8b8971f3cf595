// Which register holds what in the code for a vector program, and how its frame is laid out.
#pragma once

#include <xbyak/xbyak.h>

#include "jit/vector_program.h"

namespace bpfc::jit::frame {

using Xbyak::Opmask;
using Xbyak::Reg64;
using Xbyak::Xmm;
using Xbyak::Ymm;
using Xbyak::Zmm;

inline constexpr int kLanes = 8;

// The loop's; calls of the scalar function keep them.
inline constexpr Reg64 kPackets{Xbyak::Operand::RBX};     // of the present group
inline constexpr Reg64 kPacketsEnd{Xbyak::Operand::R12};  // behind the last group
inline constexpr Reg64 kVerdicts{Xbyak::Operand::R13};    // or null
inline constexpr Reg64 kMatches{Xbyak::Operand::R14};     // a byte for a group, or null
inline constexpr Reg64 kLastGroup{Xbyak::Operand::R15};
inline constexpr Reg64 kScratch{Xbyak::Operand::R11};
// The data pointers of the 8 packets, for loads at constant offsets.
inline constexpr Reg64 kData[kLanes] = {Reg64{Xbyak::Operand::RAX}, Reg64{Xbyak::Operand::RCX},
                                        Reg64{Xbyak::Operand::RDX}, Reg64{Xbyak::Operand::RSI},
                                        Reg64{Xbyak::Operand::RDI}, Reg64{Xbyak::Operand::R8},
                                        Reg64{Xbyak::Operand::R9},  Reg64{Xbyak::Operand::R10}};

inline constexpr Zmm kDataVector{31};  // the same
inline constexpr Zmm kHarmless{30};    // in each lane the address of zeros
inline constexpr Ymm kCaptured{29};
inline constexpr Ymm kWireLength{28};
inline constexpr Ymm kVerdict{27};      // where there are more than two
inline constexpr int kFirstValue = 10;  // these hold values; those below are for the moment
inline constexpr int kLastValue = 26;
// Where a value is computed that has none of these. No window of a packet is in it then.
inline constexpr Ymm kUnplaced{7};

inline constexpr Opmask kAccepted{7};
inline constexpr Opmask kToScalar{6};  // lanes whose verdict the scalar function will give
inline constexpr Opmask kMoment{5};
inline constexpr Opmask kLoaded{4};   // the present block's lanes, where a slot held them
inline constexpr Opmask kOther{0};    // cannot be a write mask
inline constexpr int kFirstMask = 1;  // these hold the lanes of blocks to come
inline constexpr int kLastMask = 3;

// The frame, from rsp on, which is a multiple of 64.
inline constexpr int kDataSlot = 0;        // 8 pointers
inline constexpr int kAddressSlot = 64;    // 8 pointers
inline constexpr int kSpilledSlots = 128;  // 32 bytes each
inline constexpr int kMostSpilled = 64;
inline constexpr int kLanesSlot = kSpilledSlots + 32 * kMostSpilled;  // 8 bytes: lanes left to do
inline constexpr int kMaskSlots = kLanesSlot + 64;                    // a byte for a block
inline constexpr int kFrameBytes = kMaskSlots + 64;
static_assert(kMostVectorBlocks <= 64);

}  // namespace bpfc::jit::frame
