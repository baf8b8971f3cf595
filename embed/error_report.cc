#include "embed/error_report.h"

#include <algorithm>
#include <cstring>

namespace bpfc::embed {
namespace {

// The bytes of the text that fit, without a part of a character.
std::size_t fitting(std::string_view text, std::size_t room) {
  if (text.size() <= room) return text.size();
  constexpr unsigned kContinuation = 0x80;
  constexpr unsigned kContinuationMask = 0xc0;
  std::size_t size = room;
  while (size > 0 &&
         (static_cast<unsigned char>(text[size]) & kContinuationMask) == kContinuation) {
    --size;
  }
  return size;
}

}  // namespace

int report(bpfc_error* error, int code, const char* kind, std::string_view message,
           SourceRange range) {
  if (error == nullptr) return code;
  *error = {};
  error->code = code;
  error->kind = kind;
  error->position = range.begin;
  error->length = range.end - range.begin;
  const std::size_t size = fitting(message, sizeof error->message - 1);
  std::memcpy(error->message, message.data(), size);
  return code;
}

}  // namespace bpfc::embed
