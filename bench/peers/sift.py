"""A plain OpenCV SIFT pipeline: unguided SIFT, ratio test 0.8, RANSAC of a rotation on the sphere, Kabsch on its inliers.

What anyone would write with OpenCV's Python binding. It knows the true lens, where telemetry says the stops and the query look,
and nothing else. One JSON request a line on standard input, one JSON answer a line on standard output.
"""

import json
import sys
import time

import cv2
import numpy as np

RATIO = 0.8
THRESHOLD_PX = 3.0
ITERATIONS = 2000
MIN_INLIERS = 15
SEED = 1

cv2.setNumThreads(1)
sift = cv2.SIFT_create(nfeatures=4000)
matcher = cv2.FlannBasedMatcher({"algorithm": 1, "trees": 4}, {"checks": 64})
references = {}


def mount_from_body(pan_deg, tilt_deg):
    pan, tilt = np.radians([pan_deg, tilt_deg])
    about_z = np.array([[np.cos(pan), -np.sin(pan), 0], [np.sin(pan), np.cos(pan), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(tilt), 0, np.sin(tilt)], [0, 1, 0], [-np.sin(tilt), 0, np.cos(tilt)]])
    return about_z @ about_y


def features(frame):
    """Unit bearings in body axes (forward, right, down) and descriptors of a picture."""
    image = cv2.imread(frame["file"], cv2.IMREAD_GRAYSCALE)
    keypoints, descriptors = sift.detectAndCompute(image, None)
    if descriptors is None:
        return np.zeros((0, 3)), np.zeros((0, 128), np.float32)
    height, width = image.shape
    camera = np.array([[frame["focalPx"], 0, (width - 1) / 2], [0, frame["focalPx"], (height - 1) / 2], [0, 0, 1]])
    pixels = np.array([[k.pt] for k in keypoints])
    ideal = cv2.undistortPoints(pixels, camera, np.array([frame["k1"], frame["k2"], 0, 0]))[:, 0]
    bearings = np.column_stack([np.ones(len(ideal)), ideal])
    return bearings / np.linalg.norm(bearings, axis=1, keepdims=True), descriptors


def reference(frame):
    """A stop's bearings in the mount frame and descriptors, computed once."""
    if frame["file"] not in references:
        bearings, descriptors = features(frame)
        references[frame["file"]] = (bearings @ mount_from_body(frame["pan"], frame["tilt"]).T, descriptors)
    return references[frame["file"]]


def matches(query, stops):
    """Pairs of bearings, query's in body axes and stop's in the mount frame, that pass the ratio test."""
    bearings, descriptors = query
    seen, known = [], []
    for mount_bearings, stop_descriptors in stops:
        if len(descriptors) < 2 or len(stop_descriptors) < 2:
            continue
        for best, second in matcher.knnMatch(descriptors, stop_descriptors, k=2):
            if best.distance < RATIO * second.distance:
                seen.append(bearings[best.queryIdx])
                known.append(mount_bearings[best.trainIdx])
    return np.array(seen).reshape(-1, 3), np.array(known).reshape(-1, 3)


def kabsch(seen, known):
    """The rotation that turns `seen` into `known` best."""
    u, _, vt = np.linalg.svd(known.T @ seen)
    return u @ np.diag([1, 1, np.linalg.det(u @ vt)]) @ vt


def triads(first, second):
    """Orthonormal axes of many pairs of directions, as columns."""
    middle, across = first + second, np.cross(first, second)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-12
    return np.stack([middle, across, np.cross(middle, across)], axis=2)


def ransac(seen, known, threshold_rad):
    """The rotation with most inliers among those of two matches each, refined on its inliers; with the inliers' count."""
    if len(seen) < 3:
        return np.eye(3), 0
    random = np.random.default_rng(SEED)
    a, b = random.integers(len(seen), size=(2, ITERATIONS))
    rotations = triads(known[a], known[b]) @ triads(seen[a], seen[b]).transpose(0, 2, 1)
    outer = known[:, :, None] * seen[:, None, :]
    agree = rotations.reshape(-1, 9) @ outer.reshape(-1, 9).T > np.cos(threshold_rad)
    best = rotations[np.argmax(agree.sum(axis=1))]
    for _ in range(10):
        inliers = np.linalg.norm(seen @ best.T - known, axis=1) < threshold_rad
        if inliers.sum() < 3:
            break
        best = kabsch(seen[inliers], known[inliers])
    return best, int(inliers.sum())


def solve(request):
    stops = [reference(frame) for frame in request["stops"]]
    query = request["query"]
    started = time.perf_counter()
    seen, known = matches(features(query), stops)
    rotation, inliers = ransac(seen, known, THRESHOLD_PX / query["focalPx"])
    elapsed_ms = (time.perf_counter() - started) * 1000
    answered = inliers >= MIN_INLIERS
    return {"mountFromBody": rotation.ravel().tolist() if answered else None, "inliers": inliers, "ms": elapsed_ms}


for line in sys.stdin:
    print(json.dumps(solve(json.loads(line))), flush=True)
