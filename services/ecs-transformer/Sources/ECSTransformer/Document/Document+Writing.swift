import Glibc

extension Document {
    /// Upper bound of the bytes that `write` needs.
    func writtenBytesMax(_ layout: borrowing FieldLayout) -> Int { layout.textBytes + valueBytes }

    /// Writes the document as one line of nested JSON, without newline, and gives its length. `output` has room for
    /// `writtenBytesMax` bytes, and for what `write` of the field `suricata.eve` adds.
    ///
    /// Fields are written in their order, so the objects around them open and close once each.
    func write(
        to output: UnsafeMutablePointer<UInt8>, layout: borrowing FieldLayout, eve: borrowing EventCopy
    ) -> Int {
        var out = output
        out.pointee = UInt8(ascii: "{")
        out += 1
        var openObjects: UInt64 = 0
        var openDepth = 0
        var isFirst = true
        for word in 0..<wordCount {
            var bits = isSet[word]
            while bits != 0 {
                let slot = word &* 64 &+ bits.trailingZeroBitCount
                bits &= bits &- 1
                let entry = layout.entries + slot
                let depth = entry.pointee.depth
                let sharedDepth = min(
                    (openObjects ^ entry.pointee.objects).trailingZeroBitCount &>> 3, min(openDepth, depth))
                for _ in sharedDepth..<openDepth {
                    out.pointee = UInt8(ascii: "}")
                    out += 1
                }
                if !isFirst {
                    out.pointee = UInt8(ascii: ",")
                    out += 1
                }
                isFirst = false
                openObjects = entry.pointee.objects
                openDepth = depth
                let start = Int(
                    withUnsafeBytes(of: &entry.pointee.starts) {
                        $0.load(fromByteOffset: sharedDepth &* 4, as: UInt32.self)
                    })
                let keyBytes = Int(entry.pointee.end) &- start
                layout.copy(from: start, count: keyBytes, to: out)
                out += keyBytes
                if slot == ECSField.suricataEVE.slot {
                    out = eve.write(to: out)
                } else if entry.pointee.isArray {
                    out = writeElements(of: slot, to: out)
                } else {
                    out = Self.write(values[slot], to: out)
                }
            }
        }
        for _ in 0..<openDepth &+ 1 {
            out.pointee = UInt8(ascii: "}")
            out += 1
        }
        return out - output
    }

    @inline(__always)
    private static func write(_ value: Value, to output: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        var out = output
        let count = Int(value.count)
        if value.isText {
            out.pointee = UInt8(ascii: "\"")
            memcpy(out + 1, value.bytes, count)
            out += count &+ 1
            out.pointee = UInt8(ascii: "\"")
            return out + 1
        }
        memcpy(out, value.bytes, count)
        return out + count
    }

    private func writeElements(
        of slot: Int, to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var out = output
        var separator = UInt8(ascii: "[")
        var index = chains[slot].first
        while index >= 0 {
            out.pointee = separator
            out = Self.write(elements[Int(index)].value, to: out + 1)
            separator = UInt8(ascii: ",")
            index = elements[Int(index)].next
        }
        out.pointee = UInt8(ascii: "]")
        return out + 1
    }
}
