// Programs as text: the formats of tcpdump -d, -dd, -ddd, and the single line of xt_bpf and
// bpf_asm.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bpfc/diagnostic.h"
#include "bpfc/expected.h"
#include "bpfc/program.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// `(000) ldh      [12]` and so on: the bytes that tcpdump -d prints (bpf_image.c). An instruction
// that is none of the 49 prints as `unimp`, as there; parse_program() does not read such a line.
// The one valid instruction that libpcap does not know, `ldx #pktlen`, prints as `unimp    0x81`
// and reads back. Fields that an instruction does not use are not shown and read back as 0.
std::string to_listing(std::span<const Instruction> program);
// `{ 0x28, 0, 0, 0x0000000c },` a line: tcpdump -dd.
std::string to_c_array(std::span<const Instruction> program);
// The count on a line, then `40 0 0 12` a line: tcpdump -ddd.
std::string to_decimal(std::span<const Instruction> program);
// `N,40 0 0 12,...` on one line without a final line break: xt_bpf, bpf_asm.
std::string to_one_line(std::span<const Instruction> program);

// Reads any of the four formats, telling them apart by their first characters. What the functions
// above print of a program reads back to the same program (to_listing(): if its opcodes are valid
// and its unused fields 0). Says nothing of whether the program is valid: verify() does. An error's
// code is kBadProgram, or kTooLarge for a text of 4 GiB. Linear; thread-safe.
Expected<Program, Diagnostic> parse_program(std::string_view text);

}  // namespace bpfc
