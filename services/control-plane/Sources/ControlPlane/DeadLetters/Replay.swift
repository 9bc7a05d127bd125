import EventContract
import JSON
import Lifecycle

/// What goes back into the pipeline for a dead letter: an entry of the stream that its bytes came from.
///
/// A line goes to be mapped, a document to the stores, a whole batch to where its kind belongs. The same letter always gives the same
/// ids, so that a store that has had the event already, as another one may, does not take it twice.
struct Replay {
    /// Why a letter does not go back as it was asked for, in words for people.
    struct Refusal: Error {
        let reason: String
    }

    let stream: StreamName
    let payload: [UInt8]

    /// - Parameter edited: the text in the place of the letter's bytes; nil for the bytes as they are.
    init(of stored: StoredLetter, edited: String? = nil) throws(Refusal) {
        if edited == nil, let obstacle = stored.obstacle { throw Refusal(reason: obstacle) }
        if edited != nil, !stored.isEditable { throw Refusal(reason: "It cannot be edited.") }
        switch stored.kind {
        case .line:
            stream = .raw
            payload = try Self.lineBatch(try edited.map(Self.event) ?? stored.letter.bytes, of: stored)
        case .document:
            stream = .ecs
            payload = try Self.documentBatch(try edited.map(Self.event) ?? stored.letter.bytes, of: stored)
        case .entry:
            stream = stored.batch?.kind == .documents ? .ecs : .raw
            payload = stored.letter.bytes
        }
    }

    /// An edited text as one line; what is not one object of JSON would only come back.
    private static func event(_ text: String) throws(Refusal) -> [UInt8] {
        var text = text
        let line = text.withUTF8 { bytes -> Result<[UInt8], Refusal> in
            var tree = JSONTree()
            do throws(JSONError) {
                let root = try tree.parse(UnsafeRawBufferPointer(bytes))
                guard root.kind == .object else { return .failure(Refusal(reason: "It must be an object of JSON.")) }
                var line: [UInt8] = []
                root.appendWithoutDuplicates(to: &line)
                return .success(line)
            } catch {
                return .failure(Refusal(reason: "It is no JSON: \(error)."))
            }
        }
        return try line.get()
    }

    private static func lineBatch(_ line: [UInt8], of stored: StoredLetter) throws(Refusal) -> [UInt8] {
        var encoder = RawBatchEncoder()
        let offset = stored.letter.origin.offset ?? 0
        guard line.withUnsafeBytes({ encoder.append($0, offset: offset) }) else {
            throw Refusal(reason: "It is too long for a batch.")
        }
        return encoder.finish(
            sensor: stored.letter.origin.sensor, sourcePath: stored.letter.origin.sourcePath,
            identity: .deadLetter(stored.id), readTime: WallClock.nanoseconds(), endOffset: offset)
    }

    private static func documentBatch(_ document: [UInt8], of stored: StoredLetter) throws(Refusal) -> [UInt8] {
        var tree = JSONTree()
        let time = document.withUnsafeBytes { bytes in
            (try? tree.parse(bytes))?["@timestamp"].flatMap { EventTime.parse($0) }
        }
        guard let time, let id = stored.documentID else {
            throw Refusal(reason: "It must be a document with a time in @timestamp.")
        }
        var encoder = DocumentBatchEncoder()
        guard document.withUnsafeBytes({ encoder.append(document: $0, id: id, time: time) }) else {
            throw Refusal(reason: "It is too long for a batch.")
        }
        return encoder.finish(
            from: BatchHeader(
                kind: .documents, readTime: WallClock.nanoseconds(), identity: .deadLetter(stored.id),
                sensor: stored.letter.origin.sensor, sourcePath: stored.letter.origin.sourcePath))
    }
}
