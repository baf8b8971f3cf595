#include "cli/live_filter.h"

#include <fmt/format.h>

#include <algorithm>

#include "bpfc/compile.h"
#include "bpfc/interpreter.h"
#include "cli/profile_file.h"
#include "vm/opcode.h"

namespace bpfc::cli {
namespace {

std::shared_ptr<const VerifiedProgram> share(VerifiedProgram program) {
  return std::make_shared<const VerifiedProgram>(std::move(program));
}

// By the rules that hold for files. What asks for the direction or the interface no file can
// answer, and only the kernel's rules know how.
Expected<VerifiedProgram, VerifyError> verify_saved(const Program& program) {
  const bool asks_kernel =
      std::any_of(program.begin(), program.end(), [](const Instruction& instruction) {
        return instruction.code == encode(Operation::kLoadWordAbsolute) &&
               instruction.k >= kAncillaryBase;
      });
  return verify(program, asks_kernel ? Rules::kKernel : Rules::kLibpcap);
}

}  // namespace

std::optional<LiveFilter> LiveFilter::make(const FilterOptions& options, const FilterText& text,
                                           const LiveSource& source, Terminal& terminal) {
  CompileOptions how = compile_options(options);
  how.link_type = source.link_type;
  how.target = Target::kCapture;
  how.socket = source.socket;
  const auto profile = read_profile(options.profile, *how.link_type);
  if (!profile) {
    terminal.error(profile.error());
    return std::nullopt;
  }
  how.profile = profile->get();
  if (!how.netmask) how.netmask = source.netmask;
  const auto compilation = compile(text.text, how);
  if (!compilation) {
    terminal.diagnostic(compilation.error(), text.text, text.origin, "error");
    return std::nullopt;
  }
  terminal.warnings(compilation->warnings, text.text, text.origin);

  LiveFilter filter;
  filter.snaplen_ = how.snaplen;
  // Whole packets, for user space to decide on.
  how.snaplen = ~std::uint32_t{0};
  how.warnings = {};
  how.profile = nullptr;
  const auto everything = compile("", how);
  auto pass = verify(everything->socket_filter->program, Rules::kKernel);
  auto saved = verify_saved(compilation->program);
  if (!saved) {
    terminal.error(fmt::format("the filter cannot run here: {}", saved.error().message));
    return std::nullopt;
  }
  filter.everything_ = share(*std::move(pass));
  filter.saved_ = share(*std::move(saved));
  auto kernel = verify(compilation->socket_filter->program, Rules::kKernel);
  if (!kernel) {
    filter.too_long_ = true;
    filter.decide_in_user_space();
    return filter;
  }
  filter.kernel_ = share(*std::move(kernel));
  filter.exact_ = compilation->socket_filter->exact;
  return filter;
}

bool LiveFilter::accepts(const LivePacket& packet, const CapturedPacket& saved) const {
  if (exact_) return true;
  // What is left to user space comes whole, so the kernel has decided on what it has cut.
  if (packet.data.size() < packet.wire_length && packet.data.size() == snaplen_) return true;
  const Ancillary device = ancillary(packet);
  return interpret(
             *saved_,
             {.captured = saved.data, .wire_length = saved.wire_length, .ancillary = &device}) != 0;
}

}  // namespace bpfc::cli
