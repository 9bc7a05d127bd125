import EventContract
import HTTPClient

/// The body of a bulk request: for each document its action line and the document, straight from the batch's memory.
///
/// Only the action lines are made; the documents are copied once, from the decompressed batch into the buffer that goes
/// to the socket.
final class BulkBody: HTTPBody {
    let byteCount: Int
    private let batch: DocumentBatch
    private let items: [Int]
    /// The action lines, one after the other, and where each ends.
    private var actions: [UInt8] = []
    private var actionEnds: [Int] = []

    /// Twice the position in `items`: an even step is an action line, the odd one after it its document.
    private var step = 0
    /// How many bytes of the step have been read.
    private var stepOffset = 0

    /// The most that an action line and the newline of a document take, for an index prefix of this many bytes.
    static func overheadBytes(indexPrefixBytes: Int) -> Int { indexPrefixBytes + 90 }

    init(_ batch: DocumentBatch, items: [Int], action: inout BulkAction) {
        self.batch = batch
        self.items = items
        actionEnds.reserveCapacity(items.count)
        actions.reserveCapacity(items.count * 100)
        var documentBytes = 0
        for item in items {
            let document = batch.document(at: item)
            action.append(id: document.id, time: document.time, to: &actions)
            actionEnds.append(actions.count)
            documentBytes += document.range.count + 1
        }
        byteCount = actions.count + documentBytes
    }

    func rewind() {
        step = 0
        stepOffset = 0
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        batch.withBytes { documents in
            actions.withUnsafeBytes { actions in
                var count = 0
                while count < buffer.count, step < items.count * 2 {
                    let position = step / 2
                    if step.isMultiple(of: 2) {
                        let start = position == 0 ? 0 : actionEnds[position - 1]
                        copy(actions[start..<actionEnds[position]], newline: false, into: buffer, &count)
                    } else {
                        let range = batch.document(at: items[position]).range
                        copy(documents[range], newline: true, into: buffer, &count)
                    }
                }
                return count
            }
        }
    }

    /// Copies as much of the step as there is room for, and goes to the next step when that was all.
    private func copy(
        _ bytes: Slice<UnsafeRawBufferPointer>, newline: Bool, into buffer: UnsafeMutableRawBufferPointer,
        _ count: inout Int
    ) {
        let part = min(max(bytes.count - stepOffset, 0), buffer.count - count)
        if part > 0 {
            UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + part]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes.dropFirst(stepOffset).prefix(part)))
            count += part
            stepOffset += part
        }
        guard stepOffset >= bytes.count else { return }
        if newline {
            guard count < buffer.count else { return }
            buffer[count] = UInt8(ascii: "\n")
            count += 1
        }
        step += 1
        stepOffset = 0
    }
}
