"""Talks to a server with Triton's public client, and prints what the client made of the answers as one JSON document.

usage: talk.py HOST:PORT EXAMPLES    where EXAMPLES is a JSON file: {"rows": [[9 numbers], ...], "upload": base64 of a model}
The server has eta-baseline, eta-candidate and echo (one input x_T and output y_T per datatype T).
"""

import base64
import json
import sys

import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

address, examples = sys.argv[1:]
with open(examples, encoding="utf8") as file:
    given = json.load(file)
client = http.InferenceServerClient(address, concurrency=4)
said = {}

said["live"] = client.is_server_live()
said["ready"] = client.is_server_ready()
said["modelReady"] = client.is_model_ready("eta-baseline")
said["versionReady"] = client.is_model_ready("eta-baseline", "1")
said["server"] = client.get_server_metadata()
said["model"] = client.get_model_metadata("eta-baseline")

rows = np.array(given["rows"], dtype=np.float32)


def eta(binary_input, binary_output, **more):
    tensor = http.InferInput("features", list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows, binary_data=binary_input)
    output = http.InferRequestedOutput("eta", binary_data=binary_output)
    return client.infer("eta-baseline", [tensor], outputs=[output], **more)


said["eta"] = {
    f"{'binary' if i else 'json'} in, {'binary' if o else 'json'} out": eta(i, o).as_numpy("eta").ravel().tolist()
    for i in (False, True)
    for o in (False, True)
}
answer = eta(True, True, request_id="seven", model_version="1").get_response()
said["answer"] = {key: answer[key] for key in ("model_name", "model_version", "id")}

# No outputs asked for: the client then wants all of them, as binary data.
tensor = http.InferInput("features", list(rows.shape), "FP32")
tensor.set_data_from_numpy(rows)
waiting = [client.async_infer("eta-baseline", [tensor]) for _ in range(8)]
said["async"] = [each.get_result().as_numpy("eta").ravel().tolist() for each in waiting]

values = {
    "BOOL": np.array([[True, False]]),
    "UINT8": np.array([[0, 255]], dtype=np.uint8),
    "UINT16": np.array([[0, 65535]], dtype=np.uint16),
    "UINT32": np.array([[0, 2**32 - 1]], dtype=np.uint32),
    "UINT64": np.array([[0, 2**64 - 1]], dtype=np.uint64),
    "INT8": np.array([[-128, 127]], dtype=np.int8),
    "INT16": np.array([[-32768, 32767]], dtype=np.int16),
    "INT32": np.array([[-(2**31), 2**31 - 1]], dtype=np.int32),
    "INT64": np.array([[-(2**63), 2**63 - 1]], dtype=np.int64),
    "FP16": np.array([[0.1, -65504]], dtype=np.float16),
    "FP32": np.array([[0.1, np.nan]], dtype=np.float32),
    "FP64": np.array([[0.1, -1e300]], dtype=np.float64),
    "BYTES": np.array([["straße".encode(), b""]], dtype=np.object_),
}


def echo(types, binary):
    tensors = []
    for name in values:
        data = values[name]
        tensor = http.InferInput(f"x_{name}", [1, 2], name)
        tensor.set_data_from_numpy(data, binary_data=name not in types or binary)
        tensors.append(tensor)
    outputs = [http.InferRequestedOutput(f"y_{name}", binary_data=binary) for name in types]
    result = client.infer("echo", tensors, outputs=outputs)
    return {name: same(name, result.as_numpy(f"y_{name}")) for name in types}


def same(name, got):
    wanted = values[name]
    if name == "BYTES":
        # As JSON the client hands texts over as str, as binary data as bytes.
        return [each if isinstance(each, bytes) else each.encode() for each in got.ravel()] == wanted.ravel().tolist()
    return got.dtype == wanted.dtype and bool(np.array_equal(got, wanted, equal_nan=name == "FP32"))


said["echoBinary"] = echo(list(values), True)
said["echoJson"] = echo(["BOOL", "UINT8", "UINT16", "UINT32", "INT8", "INT16", "INT32", "FP64", "BYTES"], False)


def refusal(act):
    try:
        act()
    except InferenceServerException as error:
        return [error.status(), error.message()]
    return None


wrong = http.InferInput("features", [1, 8], "FP32")
wrong.set_data_from_numpy(np.zeros((1, 8), dtype=np.float32))
said["refusals"] = {
    "shape": refusal(lambda: client.infer("eta-baseline", [wrong])),
    "model": refusal(lambda: client.infer("nobody", [tensor])),
    "classes": refusal(
        lambda: client.infer("eta-baseline", [tensor], outputs=[http.InferRequestedOutput("eta", class_count=3)])
    ),
    "config": refusal(lambda: client.load_model("eta-baseline", config='{"instance_group": []}')),
}

said["index"] = client.get_model_repository_index()
client.unload_model("eta-candidate")
said["unloaded"] = [client.is_model_ready("eta-candidate"), client.is_server_ready(), client.get_model_repository_index()]
client.load_model("eta-candidate")
said["loaded"] = [client.is_model_ready("eta-candidate"), client.is_server_ready()]
client.load_model(
    "eta-candidate",
    config='{"max_batch_size": 8}',
    files={"file:2/model.onnx": base64.b64decode(given["upload"])},
)
said["uploaded"] = client.get_model_metadata("eta-candidate")["versions"]

[stats] = client.get_inference_statistics("eta-baseline")["model_stats"]
said["stats"] = {key: stats[key] for key in ("name", "version", "inference_count")}
said["counts"] = {key: value["count"] for key, value in stats["inference_stats"].items()}
said["allStats"] = [each["name"] for each in client.get_inference_statistics()["model_stats"]]

client.close()
print(json.dumps(said))
