import Glibc

/// The event as Suricata wrote it, for `suricata.eve`: the text of its object, with a few places replaced.
struct EventCopy: ~Copyable {
    private struct Replacement {
        var offset: Int
        var count: Int
        var text: EncodedText
    }

    private var event = EncodedText("{}")
    private var replacements: [Replacement] = []
    private var addedBytes = 0

    /// Starts over with the text of an event.
    mutating func reset(_ event: EncodedText) {
        self.event = event
        replacements.removeAll(keepingCapacity: true)
        addedBytes = 0
    }

    /// Puts `text`, which is finished JSON, in the place of `count` bytes at `offset` of the event. Places that are
    /// already replaced may not be touched again.
    mutating func replace(offset: Int, count: Int, with text: EncodedText) {
        var position = replacements.count
        while position > 0, replacements[position - 1].offset > offset { position -= 1 }
        let replacement = Replacement(offset: offset, count: count, text: text)
        if position == replacements.count {
            replacements.append(replacement)
        } else {
            replacements.insert(replacement, at: position)
        }
        addedBytes += text.count
    }

    /// Whether anything was replaced.
    var isChanged: Bool { !replacements.isEmpty }

    /// Upper bound of the bytes that `write` needs.
    var writtenBytesMax: Int { event.count + addedBytes }

    /// Writes the event and gives the place behind it.
    func write(to output: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        var out = output
        var position = 0
        for replacement in replacements {
            memcpy(out, event.bytes + position, replacement.offset - position)
            out += replacement.offset - position
            memcpy(out, replacement.text.bytes, replacement.text.count)
            out += replacement.text.count
            position = replacement.offset + replacement.count
        }
        memcpy(out, event.bytes + position, event.count - position)
        return out + (event.count - position)
    }
}
