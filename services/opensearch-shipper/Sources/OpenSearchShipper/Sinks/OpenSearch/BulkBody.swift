import EventContract
import HTTPClient
import HTTPTypes
import OpenSearchBulk

/// The body of a bulk request: for each document its action line and the document, straight from the batch's memory.
///
/// Only the action lines are made; the documents are copied once, from the decompressed batch into the buffer that goes
/// to the socket.
final class BulkBody: HTTPBody {
    /// A piece of the body, in one of two places.
    private struct Piece {
        let isDocument: Bool
        let range: Range<Int>
    }

    let byteCount: Int
    private let batch: DocumentBatch
    /// All that is not documents: the action lines, each with the newline that ends the document before it.
    private let actions: [UInt8]
    private let pieces: [Piece]

    /// The piece that is read next, and how many of its bytes have been.
    private var position = 0
    private var offset = 0

    /// The most that an action line and the newline of a document take, for an index prefix of this many bytes.
    static func overheadBytes(indexPrefixBytes: Int) -> Int { indexPrefixBytes + 97 }

    /// - Parameters:
    ///   - items: which documents, by their positions in the batch.
    ///   - classes: the class of each document of the batch; empty without classes.
    ///   - unindexed: for documents whose event is not to be indexed, where ``UnindexedEvent/nameEnd`` is put into them.
    init(
        _ batch: DocumentBatch, items: [Int], classes: [EventClass] = [], unindexed: [Int: Int] = [:],
        action: inout BulkAction
    ) {
        self.batch = batch
        var actions: [UInt8] = []
        var pieces: [Piece] = []
        actions.reserveCapacity(items.count * 100)
        pieces.reserveCapacity(items.count * 2 + unindexed.count * 2 + 1)
        var documentBytes = 0
        var begin = 0
        for item in items {
            let document = batch.document(at: item)
            action.append(
                id: document.id, time: document.time, eventClass: classes.isEmpty ? .telemetry : classes[item],
                to: &actions)
            pieces.append(Piece(isDocument: false, range: begin..<actions.count))
            begin = actions.count
            var range = document.range
            documentBytes += range.count
            if let offset = unindexed[item] {
                actions += UnindexedEvent.nameEnd.utf8
                pieces.append(Piece(isDocument: true, range: range.lowerBound..<range.lowerBound + offset))
                pieces.append(Piece(isDocument: false, range: begin..<actions.count))
                begin = actions.count
                range = range.lowerBound + offset..<range.upperBound
            }
            pieces.append(Piece(isDocument: true, range: range))
            actions.append(UInt8(ascii: "\n"))
        }
        pieces.append(Piece(isDocument: false, range: begin..<actions.count))
        byteCount = actions.count + documentBytes
        self.actions = actions
        self.pieces = pieces
    }

    func rewind() {
        position = 0
        offset = 0
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        batch.withBytes { documents in
            actions.withUnsafeBytes { actions in
                var count = 0
                while count < buffer.count, position < pieces.count {
                    let piece = pieces[position]
                    let source = piece.isDocument ? documents : actions
                    let part = min(piece.range.count - offset, buffer.count - count)
                    let start = piece.range.lowerBound + offset
                    UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + part]).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: source[start..<start + part]))
                    count += part
                    offset += part
                    if offset == piece.range.count {
                        position += 1
                        offset = 0
                    }
                }
                return count
            }
        }
    }
}
