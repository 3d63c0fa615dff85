"""Turns a GGUF of the Llama family with a ChatML template into a Hugging Face folder: gguf_to_folder.py FILE FOLDER"""
import os
import sys

from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

folder, name = os.path.split(sys.argv[1])
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
loaded = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name)
# What was read from a GGUF cannot be saved as it is: it counts as quantized.
config = loaded.config.to_dict()
config.pop("quantization_config", None)
config["architectures"] = ["LlamaForCausalLM"]
model = LlamaForCausalLM(LlamaConfig(**config))
model.load_state_dict(loaded.state_dict())
tokenizer.chat_template = TEMPLATE
tokenizer.eos_token = "<|im_end|>"
model.generation_config.eos_token_id = tokenizer.convert_tokens_to_ids("<|im_end|>")
model.save_pretrained(sys.argv[2])
tokenizer.save_pretrained(sys.argv[2])
